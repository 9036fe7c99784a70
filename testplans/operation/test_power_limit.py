"""The limit of total power: warning, shedding by priority, and return."""

import pytest

from rig.bench.shedding import PowerLimit

ORDERS = pytest.mark.parametrize("order", ["ACB", "CBA", "BAC"])


@pytest.mark.requirement("R-PWR-01")
@pytest.mark.duration(90)
@ORDERS
def test_the_least_important_socket_is_shed_and_comes_back(bench, requirement, verify, order):
    with bench.energised():
        for result in PowerLimit(bench, requirement, order).shed():
            verify(result)


@pytest.mark.requirement("R-PWR-01")
@pytest.mark.duration(30)
@ORDERS
def test_a_short_excess_sheds_nothing(bench, requirement, verify, order):
    with bench.energised():
        verify(PowerLimit(bench, requirement, order).short_excesses())


@pytest.mark.requirement("R-PWR-01")
@pytest.mark.duration(20)
def test_the_last_socket_on_is_never_shed(bench, socket, requirement, verify):
    order = [*(each for each in bench.sockets if each != socket), socket]
    limit_w = int(requirement.number("one_socket_limit_w"))
    with bench.energised(socket, power_limit_w=limit_w):
        verify(PowerLimit(bench, requirement, order).last_socket())


@pytest.mark.requirement("R-PWR-01")
@pytest.mark.duration(30)
@ORDERS
def test_far_above_the_limit_the_overload_stages_act_first(
    bench, requirements, requirement, verify, order
):
    with bench.energised():
        limit = PowerLimit(bench, requirement, order)
        verify(limit.far_excess(requirements.get("R-OVL-04")))


@pytest.mark.requirement("R-PWR-01")
@pytest.mark.duration(30)
def test_the_unit_warns_before_it_sheds(bench, requirement, verify):
    with bench.energised():
        for result in PowerLimit(bench, requirement, bench.spec.unit.priority).warnings():
            verify(result)
