"""Each seeded defect of the port changes what a session shows; a healthy unit's stays the same."""

from dataclasses import fields

import pytest
from plugged_unit import PluggedUnit, evps_at

from rig.virtual.unit import Parameters
from rig.virtual.unit.defects_v2h import DEFECTS
from rig.virtual.unit.v2h import V2hParameters

V2H = DEFECTS


def test_every_requirement_of_the_port_has_a_defect():
    assert {each.requirement for each in V2H} == {f"R-V2H-{n:02d}" for n in range(1, 13)}


@pytest.mark.parametrize("defect", V2H, ids=lambda each: each.id)
def test_a_defect_changes_numbers_of_the_port_and_of_nothing_else(defect):
    healthy, defective = Parameters(), defect.apply(Parameters())
    changed = [
        f.name for f in fields(healthy) if getattr(healthy, f.name) != getattr(defective, f.name)
    ]
    assert set(changed) == {"v2h", "defect"}
    assert defective.v2h != V2hParameters()


def frames_of(parameters, seconds=9.0):
    plugged = PluggedUnit(parameters)
    evps_at(plugged).start()
    plugged.run(seconds)
    return [(f.identifier, f.data) for f in plugged.frames], plugged.frames


@pytest.mark.parametrize(
    "name",
    [
        "v2h-frames-slow",
        "v2h-frames-out-of-order",
        "v2h-frame-skipped",
        "v2h-frame-short",
        "v2h-wakes-late",
        "v2h-permits-discharge-early",
        "v2h-ramp-steep",
    ],
)
def test_what_is_wrong_with_the_frames_shows_in_the_frames(name):
    defect = next(each for each in V2H if each.id == name)
    assert frames_of(defect.apply(Parameters()))[0] != frames_of(Parameters())[0]
