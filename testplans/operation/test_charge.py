"""The floor of the state of charge: warning, switching off by priority, return."""

import pytest

from rig.bench.charge import ChargeRamp

FLOORS = pytest.mark.parametrize(("order", "floor"), [("ACB", 10), ("BAC", 30)])


@pytest.mark.requirement("R-SOC-01")
@pytest.mark.duration(60)
@FLOORS
def test_the_unit_warns_of_the_floor(bench, requirement, verify, order, floor):
    with bench.energised():
        verify(ChargeRamp(bench, requirement, order, floor).warning())


@pytest.mark.requirement("R-SOC-02")
@pytest.mark.duration(120)
@FLOORS
def test_sockets_go_by_priority_towards_the_floor(bench, requirement, verify, order, floor):
    with bench.energised():
        for level in ChargeRamp(bench, requirement, order, floor).switch_offs():
            verify(level)


@pytest.mark.requirement("R-SOC-03")
@pytest.mark.duration(120)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_socket_comes_back_only_after_the_charge_rose(bench, requirement, verify, rank):
    with bench.energised():
        ramp = ChargeRamp(bench, requirement, bench.spec.unit.priority, 10)
        verify(ramp.rise_before_return(rank))


@pytest.mark.requirement("R-SOC-03")
@pytest.mark.duration(60)
def test_a_cut_of_the_supply_does_not_lift_the_floor(bench, requirement, verify):
    with bench.energised():
        ramp = ChargeRamp(bench, requirement, bench.spec.unit.priority, 10)
        verify(ramp.returns_after_a_cut())
