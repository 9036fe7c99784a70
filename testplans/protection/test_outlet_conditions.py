"""What watches a socket must not depend on heat, charge or pack voltage."""

import pytest

from rig.bench.backfeed import ReversePower
from rig.bench.conditions import condition
from rig.bench.socket_faults import OutletFault
from rig.bench.weld import WeldedRelay

OUTSIDE = [("hot", "A"), ("hot", "B"), ("nearly empty", "A"), ("low pack", "B"), ("full pack", "A")]
ANYWHERE = [
    *(("hot", socket) for socket in "ABC"),
    ("nearly empty", "B"),
    ("low pack", "C"),
    ("full pack", "A"),
]
WHERE_OUTSIDE = pytest.mark.parametrize(("name", "socket"), OUTSIDE)
WHERE = pytest.mark.parametrize(("name", "socket"), ANYWHERE)


@pytest.mark.requirement("R-LID-01")
@pytest.mark.duration(40)
@WHERE_OUTSIDE
@pytest.mark.parametrize("kind", ["lid", "wet"])
def test_an_open_lid_or_water_switches_the_socket_off_in_any_condition(
    bench, requirements, requirement, verify, name, socket, kind
):
    fault = OutletFault(bench, kind, socket, requirement)
    with bench.energised(), condition(bench, requirements, name):
        verify(fault.run().trip_time)


@pytest.mark.requirement("R-PE-01")
@pytest.mark.duration(50)
@WHERE
def test_a_broken_earth_conductor_inhibits_the_socket_in_any_condition(
    bench, requirements, requirement, verify, name, socket
):
    fault = OutletFault(bench, "pe_break", socket, requirement)
    with bench.energised(), condition(bench, requirements, name):
        verify(fault.run().trip_time)


@pytest.mark.requirement("R-BF-02")
@pytest.mark.duration(20)
@WHERE
def test_reverse_power_switches_the_socket_off_in_any_condition(
    bench, requirements, requirement, verify, name, socket
):
    reverse = ReversePower(bench, socket, requirement)
    with bench.energised(), condition(bench, requirements, name):
        verify(reverse.trip_time(min(requirement.numbers("reverse_percent"))))


@pytest.mark.requirement("R-WLD-01")
@pytest.mark.duration(30)
@WHERE
def test_a_welded_relay_is_found_in_any_condition(
    bench, requirements, requirement, verify, name, socket
):
    relay = WeldedRelay(bench, socket, "line", requirement)
    with bench.energised(), condition(bench, requirements, name):
        verify(relay.trip_time())
