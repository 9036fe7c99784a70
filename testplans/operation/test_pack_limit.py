"""The pack's discharge limit."""

import pytest

from rig.bench.discharge_limit import DischargeLimit


@pytest.mark.requirement("R-PWR-02")
@pytest.mark.duration(20)
@pytest.mark.parametrize("case", [0, 1, 2], ids=["a little", "far", "nothing left"])
@pytest.mark.parametrize("order", ["ACB", "CBA", "BAC"])
def test_less_is_taken_from_a_pack_that_can_give_less(bench, requirement, verify, order, case):
    percent, sheds = (requirement.numbers(key)[case] for key in ("percent", "sheds"))
    with bench.energised():
        for result in DischargeLimit(bench, requirement, order).fall(percent, int(sheds)):
            verify(result)
