"""What restarts by itself after a trip, and what does not."""

from contextlib import suppress

import pytest

from instruments.errors import Refused
from rig.bench.latches import LatchedTrip
from rig.bench.proofs import count_of
from rig.bench.restarts import OverloadRounds
from rig.controller import TripCode

RECORD_S = 0.25
DEAD_V = 50.0
TARGETS = pytest.mark.parametrize("target", [None, "A", "B", "C"], ids=["unit", "A", "B", "C"])
OF_A_SOCKET = {
    TripCode.SHORT_CIRCUIT: "ABC",
    TripCode.RESIDUAL_AC: "ABC",
    TripCode.RESIDUAL_DC: "ABC",
    TripCode.WET: "AB",
    TripCode.PE_LOST: "ABC",
    TripCode.BACKFEED: "ABC",
}
OF_THE_UNIT = [
    TripCode.INSULATION_DC,
    TripCode.INSULATION_AC,
    TripCode.AC_OVER_VOLTAGE,
    TripCode.AC_UNDER_VOLTAGE,
    TripCode.FREQUENCY,
    TripCode.DC_OVER_VOLTAGE,
    TripCode.BROWN_OUT,
    TripCode.VEHICLE_DATA_STALE,
]
EARTHING = {
    TripCode.RESIDUAL_AC: [pytest.mark.earthing("tn")],
    TripCode.RESIDUAL_DC: [pytest.mark.earthing("tn")],
    TripCode.INSULATION_AC: [pytest.mark.earthing("it")],
}
CASES = [(code, each) for code, sockets in OF_A_SOCKET.items() for each in sockets]
CASES += [(code, "A") for code in OF_THE_UNIT]
LATCHED = [pytest.param(code, each, marks=EARTHING.get(code, [])) for code, each in CASES]


def longest(requirement, number):
    """Return how long to wait for the restart after an overload, the first being number 1."""
    return requirement.limit(f"pause_{min(number, 3)}").maximum + 2.0


def power_limit(requirement):
    return int(requirement.number("power_limit_w"))


@pytest.mark.requirement("R-REC-01")
@pytest.mark.duration(350)
@TARGETS
def test_an_overload_restarts_three_times_and_is_locked_out(bench, target, requirement, verify):
    with bench.energised(power_limit_w=power_limit(requirement)):
        overloads = OverloadRounds(bench, target, requirement)
        restarts = 0
        for number in (1, 2, 3, 4):
            last = overloads.round(f"pause_{min(number, 3)}", longest(requirement, number))
            restarts += last.restarted
            if number <= 3:
                verify(last.pause)
            if not last.restarted:
                break
        verify(count_of("automatic_restarts", restarts, instruments=("scope_ac",)))
        with bench.capture(overloads.watched, RECORD_S, trigger="voltage", level=DEAD_V) as wave:
            bench.sleep(requirement.number("watch_s"))
        verify(wave.triggers("restarts_after_lock_out"))


@pytest.mark.requirement("R-REC-01")
@pytest.mark.duration(60)
@TARGETS
def test_a_12_v_cut_does_not_reset_the_count_of_restarts(bench, target, requirement, verify):
    with bench.energised(power_limit_w=power_limit(requirement)):
        overloads = OverloadRounds(bench, target, requirement)
        verify(overloads.round("pause_1", longest(requirement, 1)).pause)
        bench.power_cycle_unit(requirement.number("power_off_s"))
        bench.unit.start(bench.sockets)
        after = overloads.round("pause_2", longest(requirement, 2)).pause
        verify(after)
        forgotten = after.value < requirement.limit("pause_2").minimum
        verify(count_of("restarts_forgotten", int(forgotten), instruments=("scope_ac",)))


@pytest.mark.requirement("R-REC-01")
@pytest.mark.duration(350)
def test_a_12_v_cut_does_not_lift_a_lock_out(bench, requirement, verify):
    with bench.energised(power_limit_w=power_limit(requirement)):
        overloads = OverloadRounds(bench, None, requirement)
        for number in (1, 2, 3, 4):
            overloads.round("pause_3", longest(requirement, number))
        bench.power_cycle_unit(requirement.number("power_off_s"))
        with bench.capture(overloads.watched, RECORD_S, trigger="voltage", level=DEAD_V) as wave:
            with suppress(Refused):
                bench.controller.start()
            bench.sleep(requirement.number("watch_s"))
        verify(wave.triggers("restarts_after_lock_out"))


def code_name(value):
    return value.name.lower().replace("_", " ") if isinstance(value, TripCode) else value


@pytest.mark.requirement("R-REC-02")
@pytest.mark.duration(120)
@pytest.mark.parametrize(("code", "socket"), LATCHED, ids=code_name)
def test_a_latched_trip_waits_for_a_person(bench, socket, requirement, verify, code):
    """A code of the whole unit is watched at the socket that would come on first."""
    trip = LatchedTrip(bench, code, socket, requirement)
    with bench.energised():
        verify(trip.restarts())
