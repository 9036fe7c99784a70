"""The unit's log of its trips."""

import pytest

from rig.bench import InverterOverload, SocketOverload
from rig.bench.latch_causes import cause_of
from rig.controller import TripCode

OF_A_SOCKET = {
    TripCode.RESIDUAL_AC: "ABC",
    TripCode.RESIDUAL_DC: "ABC",
    TripCode.LID: "AB",
    TripCode.WET: "AB",
    TripCode.PE_LOST: "ABC",
    TripCode.BACKFEED: "ABC",
    TripCode.WELD: "ABC",
}
EARTHED = {
    code: [pytest.mark.earthing("tn")] for code in (TripCode.RESIDUAL_AC, TripCode.RESIDUAL_DC)
}
AT_A_SOCKET = [
    pytest.param(code, each, marks=EARTHED.get(code, []))
    for code, sockets in OF_A_SOCKET.items()
    for each in sockets
]


def case_name(value):
    return value.name.lower().replace("_", " ") if isinstance(value, TripCode) else value


def check_twice(bench, requirement, verify, trip):
    """Look a trip up at once and after a power cycle."""
    for again in (False, True):
        if again:
            bench.power_cycle_unit(requirement.number("power_off_s"))
        check = trip.check(bench.controller, bench.journal)
        verify(check.missing)
        verify(check.wrong_fields)
        verify(check.utc_error)


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.duration(30)
def test_a_short_circuit_is_logged(bench, socket, requirement, verify):
    with bench.energised():
        check_twice(bench, requirement, verify, logged_short_circuit(bench, socket))


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.duration(40)
def test_a_socket_overload_is_logged(bench, socket, requirements, requirement, verify):
    with bench.energised():
        overload = SocketOverload(bench, socket, requirements.get("R-OVL-09"), 0.5)
        before = bench.controller.read_newest_sequence()
        overload.apply()
        seen = bench.unit.wait_for_trip(socket, within_s=overload.hold_s)
        trip = bench.logged_trip(TripCode.OVERLOAD_SOCKET, socket, after=before, seen=seen)
        check_twice(bench, requirement, verify, trip)


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.duration(40)
def test_an_inverter_overload_is_logged(bench, requirements, requirement, verify):
    socket = bench.sockets[0]
    limit_w = int(requirements.get("R-OVL-04").number("power_limit_w"))
    with bench.energised(power_limit_w=limit_w):
        overload = InverterOverload(bench, socket, requirements.get("R-OVL-04"))
        overload.prepare()
        before = bench.controller.read_newest_sequence()
        overload.apply()
        seen = bench.unit.wait_for_trip(socket, within_s=overload.hold_s)
        trip = bench.logged_trip(TripCode.OVERLOAD_INVERTER, None, after=before, seen=seen)
        check_twice(bench, requirement, verify, trip)


def logged_short_circuit(bench, socket):
    """Short-circuit a socket and return the trip as it is to stand in the log."""
    before = bench.controller.read_newest_sequence()
    bench.faults.short_circuit(socket, angle_deg=90)
    seen = bench.unit.wait_for_trip(socket, within_s=1.0)
    return bench.logged_trip(TripCode.SHORT_CIRCUIT, socket, after=before, seen=seen)


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.duration(40)
def test_trips_before_and_after_a_power_cycle_stand_side_by_side(bench, requirement, verify):
    first, second, *_ = bench.sockets
    with bench.energised():
        trips = [logged_short_circuit(bench, first)]
        bench.power_cycle_unit(requirement.number("power_off_s"))
        bench.unit.start([each for each in bench.sockets if each != first])
        trips.append(logged_short_circuit(bench, second))
        for trip in trips:
            check = trip.check(bench.controller, bench.journal)
            verify(check.missing)
            verify(check.wrong_fields)
            verify(check.utc_error)


NETWORKS = {
    TripCode.AC_OVER_VOLTAGE: "output_120",
    TripCode.AC_UNDER_VOLTAGE: "output_42",
    TripCode.FREQUENCY: "clock_fast",
    TripCode.OVER_TEMPERATURE: "heatsink_85c",
    TripCode.BROWN_OUT: "dip_12v",
}


def expected(bench, requirement, code, socket, before, seen_at, within="trips_within_s"):
    """Wait for a trip, whose cause is known whatever the unit calls it; return its record."""
    trip = bench.unit.wait_for_trip(seen_at, within_s=requirement.number(within))
    seen = trip if trip is TripCode.NONE else code
    low, high = requirement.numbers(f"{code.name.lower()}_value")
    return bench.logged_trip(code, socket, after=before, seen=seen, value_between=(low, high))


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.duration(30)
@pytest.mark.parametrize("code", NETWORKS, ids=lambda code: code.name.lower().replace("_", " "))
def test_a_trip_of_the_whole_unit_is_logged(bench, requirement, verify, code):
    within_s = requirement.number("trips_within_s")
    bench.faults.networks.need(NETWORKS[code])
    with bench.energised():
        before = bench.controller.read_newest_sequence()
        with bench.faults.networks.inserted(NETWORKS[code], longest_s=2.0 * within_s):
            trip = expected(bench, requirement, code, None, before, bench.sockets[0])
        check_twice(bench, requirement, verify, trip)


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.duration(30)
def test_the_floor_of_the_charge_is_logged(bench, requirement, verify):
    with bench.energised():
        before = bench.controller.read_newest_sequence()
        bench.unit.say_soc(bench.controller.read_settings().soc_floor_percent)
        trip = expected(bench, requirement, TripCode.SOC_FLOOR, None, before, bench.sockets[0])
        check_twice(bench, requirement, verify, trip)


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.duration(30)
def test_a_shed_socket_is_logged(bench, requirement, verify):
    least = bench.spec.unit.priority[-1]
    with bench.energised():
        bench.share_load(requirement.number("shed_load_w"))
        bench.sleep(1.0)
        before = bench.controller.read_newest_sequence()
        bench.unit.say_discharge_limit(requirement.number("shed_limit_w"))
        trip = expected(bench, requirement, TripCode.SHED, least, before, least)
        check_twice(bench, requirement, verify, trip)


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.duration(40)
@pytest.mark.parametrize(("code", "where"), AT_A_SOCKET, ids=case_name)
def test_a_trip_of_one_socket_is_logged(bench, requirements, requirement, verify, code, where):
    cause = cause_of(bench, code, where, requirements.get("R-REC-02"))
    with bench.energised():
        before = bench.controller.read_newest_sequence()
        with cause():
            trip = expected(bench, requirement, code, where, before, where, "socket_trips_within_s")
        check_twice(bench, requirement, verify, trip)


def check_insulation(bench, requirements, requirement, verify, code):
    """Let insulation fail, and look the trip up."""
    cause = cause_of(bench, code, bench.sockets[0], requirements.get("R-REC-02"))
    with bench.energised():
        before = bench.controller.read_newest_sequence()
        with cause():
            within = "socket_trips_within_s"
            trip = expected(bench, requirement, code, None, before, bench.sockets[0], within)
        check_twice(bench, requirement, verify, trip)


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.duration(40)
def test_lost_insulation_of_the_pack_is_logged(bench, requirements, requirement, verify):
    check_insulation(bench, requirements, requirement, verify, TripCode.INSULATION_DC)


@pytest.mark.requirement("R-LOG-01")
@pytest.mark.earthing("it")
@pytest.mark.duration(40)
def test_lost_insulation_of_a_floating_output_is_logged(bench, requirements, requirement, verify):
    check_insulation(bench, requirements, requirement, verify, TripCode.INSULATION_AC)
