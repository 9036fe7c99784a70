"""The seeded defects of the off-board box: numbers of the box, and of nothing else."""

import pytest

from instruments.errors import UsageError
from rig.virtual.offboard import BoxParameters
from rig.virtual.unit import Parameters
from rig.virtual.unit.defects_box import DEFECTS
from rig.virtual.unit.defects_v2h import DEFECTS as ON_BOARD


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: each.id)
def test_a_defect_changes_the_box_and_is_none_of_a_controller(defect):
    assert defect.apply_to_box(BoxParameters()) != BoxParameters()
    with pytest.raises(UsageError, match="off-board box, not of a controller"):
        defect.apply(Parameters())


def test_every_requirement_of_the_box_has_a_defect():
    assert {each.requirement for each in DEFECTS} == {f"R-EVPS-{n:02d}" for n in range(1, 9)}


def test_a_defect_of_a_controller_is_none_of_the_box():
    with pytest.raises(UsageError, match="one of a controller, not of an off-board box"):
        ON_BOARD[0].apply_to_box(BoxParameters())
