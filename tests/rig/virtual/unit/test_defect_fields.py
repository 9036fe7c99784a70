"""Fields of parameters are changed by name; a name that is none is refused where it is written."""

from dataclasses import replace

import pytest

from instruments.errors import UsageError
from rig.virtual.unit.defect_fields import fields_of
from rig.virtual.unit.parameters import OutletParameters, Parameters


def test_fields_of_the_whole_are_changed_and_no_others():
    change = fields_of(Parameters)(leak_s_per_s=0.5, weld_kept=False)
    assert change(Parameters()) == replace(Parameters(), leak_s_per_s=0.5, weld_kept=False)


def test_fields_of_a_part_are_changed_in_what_the_whole_has_there():
    changed = replace(Parameters().heat, return_c=70.0)
    change = fields_of(Parameters, "heat", "sensor")(offset=2.0)
    sensor = replace(changed.sensor, offset=2.0)
    assert change(replace(Parameters(), heat=changed)).heat == replace(changed, sensor=sensor)


def test_an_unknown_field_is_refused_before_the_change_is_applied():
    with pytest.raises(UsageError, match=r"ContactParameters has no field 'delay'; .*delay_s"):
        fields_of(OutletParameters, "lid")(delay=1.0)


def test_an_unknown_part_is_refused_too():
    with pytest.raises(UsageError, match=r"HeatParameters has no field 'sensors'; .*sensor"):
        fields_of(Parameters, "heat", "sensors")(offset=1.0)
