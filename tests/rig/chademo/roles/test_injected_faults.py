"""Each injected fault ends where the facts say, in time, and the contactor opens without current.

A number in seconds is counted from the beginning of the fault, with one cycle of frames and one
tick of the role added; "goes on" means that the session lasts until its button is pressed.
"""

from dataclasses import dataclass

import pytest

from rig.chademo.roles import (
    BusOff,
    EvpsFault,
    EvpsState,
    Excess,
    Extended,
    Frozen,
    Hold,
    Late,
    Line,
    LineStuck,
    Missing,
    Reason,
    Swapped,
    VehicleParameters,
    VehicleState,
    When,
    WrongLength,
    WrongValue,
)
from rig.virtual.chademo import CableParameters, StopKind, Who, run_session

CYCLE_S, TICK_S = 0.1, 0.02
SLACK_S = CYCLE_S + TICK_S
CURRENT_A = 12.0


def run(after_s=5.0, for_s=float("inf")):
    """Where the vehicle is in its transfer."""
    return When("run", after_s, for_s)


def transfer(after_s=5.0, for_s=float("inf")):
    """Where the EVPS is in its transfer."""
    return When("transfer", after_s, for_s)


@dataclass(frozen=True)
class Fault:
    """An injection, and what must come of it."""

    name: str
    injection: object
    reason: Reason | None
    """How the other side ends; None: goes on."""
    within_s: float = 0.0
    emergency: bool = False
    closes: bool = True
    since: str | None = None
    """State of the wronged side from which the time counts; None: from the fault's begin."""
    stop: StopKind = StopKind.EVPS_BUTTON


OF_THE_EVPS = [
    Fault("two 109 lost", Missing(0x109, transfer(5.0, 0.2)), None),
    Fault("109 missing", Missing(0x109, transfer()), Reason.CAN_LOST, 1.0),
    Fault("nothing sent", Missing(None, transfer()), Reason.CAN_LOST, 1.0),
    Fault("bus off", BusOff(transfer()), Reason.CAN_LOST, 1.0),
    Fault("109 of seven bytes", WrongLength(0x109, 7, transfer()), Reason.CAN_LOST, 1.0),
    Fault("108 extended", Extended(0x108, transfer()), Reason.CAN_LOST, 1.0),
    Fault("109 late", Late(0x109, 0.06, transfer(5.0, 3.0)), None),
    Fault("109 before 108", Swapped(0x108, 0x109, transfer(5.0, 3.0)), None),
    Fault(
        "voltage wrong",
        WrongValue(0x109, {"voltage_v": 300}, transfer()),
        Reason.VOLTAGE_DEVIATION,
        5.0,
    ),
    Fault(
        "malfunction shown",
        WrongValue(0x109, {"charger_malfunction": 1, "stop_control": 1}, transfer()),
        Reason.CHARGER_FAULT,
    ),
    Fault(
        "stop shown",
        WrongValue(0x109, {"stop_control": 1}, transfer()),
        Reason.CHARGER_STOP,
    ),
    Fault("10 A too much", Excess(13.5, transfer()), Reason.CURRENT_DEVIATION, 5.0),
    Fault("d1 off", LineStuck(Line.D1, False, transfer()), Reason.LINE_LOST, emergency=True),
    Fault("d2 off", LineStuck(Line.D2, False, transfer()), Reason.LINE_LOST, emergency=True),
    Fault(
        "d2 never",
        LineStuck(Line.D2, False),
        Reason.CHARGER_FAULT,
        6.0,
        since="enabled",
        closes=False,
    ),
    Fault("never answers", Hold("waking", 24.0), Reason.DEADLINE, 8.0, since="init", closes=False),
    Fault("test never ends", Hold("insulation test", 24.0), Reason.DEADLINE, 20.0, closes=False),
    Fault("never starts", Hold("ready", 24.0), Reason.DEADLINE, 2.5, since="run"),
    Fault(
        "too low a voltage",
        WrongValue(0x108, {"available_voltage_v": 400}),
        Reason.INCOMPATIBLE,
        3.4,
        closes=False,
    ),
    Fault(
        "version 0",
        WrongValue(0x109, {"protocol": 0}),
        Reason.INCOMPATIBLE,
        3.4,
        closes=False,
    ),
]
OF_THE_VEHICLE = [
    Fault("two 102 lost", Missing(0x102, run(5.0, 0.2)), None),
    Fault("102 missing", Missing(0x102, run()), Reason.CAN_LOST, 1.0),
    Fault("bus off", BusOff(run()), Reason.CAN_LOST, 1.0),
    Fault("102 of four bytes", WrongLength(0x102, 4, run()), Reason.CAN_LOST, 1.0),
    Fault("102 extended", Extended(0x102, run()), Reason.CAN_LOST, 1.0),
    Fault("101 late", Late(0x101, 0.05, run(5.0, 3.0)), None),
    Fault("102 before 101", Swapped(0x101, 0x102, run(5.0, 3.0)), None),
    Fault("enable withdrawn", WrongValue(0x102, {"enabled": 0}, run()), Reason.PERMISSION_CAN),
    Fault("out of park", WrongValue(0x102, {"not_in_park": 1}, run()), Reason.NOT_IN_PARK),
    Fault(
        "contactor shown open",
        WrongValue(0x102, {"contactor_open": 1}, run()),
        Reason.CONTACTOR_OPEN,
    ),
    *(
        Fault(name, WrongValue(0x102, {name: 1}, run()), Reason.VEHICLE_FAULT)
        for name in (
            "fault_over_voltage", "fault_under_voltage", "fault_current_deviation",
            "fault_over_temperature", "fault_voltage_deviation", "system_fault",
        )
    ),
    Fault("k off", LineStuck(Line.K, False, run()), Reason.PERMISSION_LINE),
    Fault(
        "frozen 102, k tells",
        Frozen(0x102, run()),
        Reason.PERMISSION_LINE,
        2.2,
        stop=StopKind.VEHICLE_BUTTON,
    ),
    Fault(
        "k stuck, 102 tells",
        LineStuck(Line.K, True, run()),
        Reason.PERMISSION_CAN,
        2.2,
        stop=StopKind.VEHICLE_BUTTON,
    ),
    Fault("k before CAN", LineStuck(Line.K, True), Reason.LINE_BEFORE_CAN, closes=False),
    Fault(
        "k never", LineStuck(Line.K, False, When("enabled")), Reason.INCONSISTENT, 1.0,
        closes=False,
    ),
    Fault("k without enable", Hold("permitted", 24.0), Reason.INCONSISTENT, 1.0, closes=False),
    Fault("never ready", Hold("parameters", 24.0), Reason.DEADLINE, 8.0, closes=False),
    Fault("never closes", Hold("closing", 24.0), Reason.DEADLINE, 4.0, closes=False),
    Fault("never requests", Hold("closed", 24.0), Reason.DEADLINE, 4.0),
    Fault(
        "target too high",
        WrongValue(0x102, {"target_voltage_v": 550}),
        Reason.INCOMPATIBLE,
        3.7,
        closes=False,
    ),
]  # fmt: skip


def stop_after(fault, role):
    """Press the button a while after the fault would have shown itself."""
    state = getattr(getattr(fault.injection, "when", None), "state", None)
    in_transfer = state in {"run", "transfer"}
    pressed_later = fault.stop is not StopKind.EVPS_BUTTON
    return (15.2 if pressed_later else 25.0 if in_transfer else 35.0) / 60.0


def spoilt(fault, side):
    return run_session(
        minutes=stop_after(fault, side),
        stop=fault.stop,
        want=lambda t: CURRENT_A,
        **{f"{side}_faults": [fault.injection]},
    )


def began_s(fault, role):
    entered = role._injections.entered_s
    when = getattr(fault.injection, "when", None)
    state = when.state or "" if when else fault.injection.state
    return entered[state] + (when.after_s if when else 0.0)


def check(result, fault, wronged, culprit):
    couple = result.couple
    assert result.ended, (couple.evps.path[-1], couple.vehicle.path[-1])
    assert couple.evps.current_a == 0.0
    assert not any(couple.cable.closed.values())
    lines = couple.cable.levels
    assert not any(lines[each] for each in (Line.D1, Line.LOCK))
    if fault.reason is None:
        assert result.stop_s <= wronged.ending.t_s <= result.stop_s + 2 * SLACK_S
        return
    assert wronged.ending.reason is fault.reason
    counted = began_s(fault, culprit)
    if fault.since is not None:
        counted = wronged._injections.entered_s[fault.since]
    late_s = wronged.ending.t_s - counted
    assert late_s <= fault.within_s + SLACK_S + wronged.parameters.period_s
    assert (wronged.emergencies > 0) is fault.emergency
    moves = [each for each in couple.cable.switchings if each.who is Who.VEHICLE]
    assert bool(moves) is fault.closes
    if not fault.emergency:
        assert all(each <= 5.0 for each in result.opened_at_a)


@pytest.mark.parametrize("fault", OF_THE_EVPS, ids=lambda each: each.name)
def test_the_vehicle_answers_a_fault_of_the_evps(fault):
    result = spoilt(fault, "evps")
    check(result, fault, result.couple.vehicle, result.couple.evps)
    ending = result.couple.vehicle.ending
    if fault.reason is not None and fault.closes:
        opened_s = next(t for t, state in result.couple.vehicle.path if state == "weld check")
        assert opened_s - ending.t_s <= (0.05 if fault.emergency else 2.5 + TICK_S)


@pytest.mark.parametrize("fault", OF_THE_VEHICLE, ids=lambda each: each.name)
def test_the_evps_answers_a_fault_of_the_vehicle(fault):
    result = spoilt(fault, "vehicle")
    check(result, fault, result.couple.evps, result.couple.vehicle)
    evps = result.couple.evps
    if fault.reason is not None:
        low_s = next(t for t, state in evps.path if state == "weld check")
        assert low_s - evps.ending.t_s <= 0.5 + TICK_S
        d2_off = [t for t, line, on in result.couple.cable.line_log if line is Line.D2 and not on]
        d1_off = [t for t, line, on in result.couple.cable.line_log if line is Line.D1 and not on]
        assert not d2_off or d1_off[0] - d2_off[0] >= 0.5


def test_a_vehicle_that_never_reports_open_is_left_after_ten_seconds():
    result = run_session(vehicle_faults=[Hold("weld check")])
    evps = result.couple.evps
    entered = {state: t for t, state in evps.path}
    waited_s = entered[EvpsState.D2_OFF] - entered[EvpsState.WELD_CHECK]
    assert waited_s == pytest.approx(10.0, abs=2 * TICK_S)
    assert EvpsFault.SYSTEM in evps.faults


def test_a_vehicle_that_ignores_the_stop_is_left_after_four_seconds():
    evps = run_session(vehicle_faults=[Hold("run")]).couple.evps
    entered = {state: t for t, state in evps.path}
    assert entered[EvpsState.D2_OFF] - evps.ending.t_s == pytest.approx(4.0, abs=2 * TICK_S)


def test_a_welded_contactor_is_found_and_the_plug_stays_locked():
    result = run_session(cable=CableParameters(welded=True))
    vehicle, evps = result.couple.vehicle, result.couple.evps
    assert vehicle.ending.reason is Reason.CHARGER_STOP
    assert "system_fault" in vehicle._faults
    assert evps.state is EvpsState.DISCHARGING
    assert result.couple.cable.levels[Line.LOCK]
    assert not result.couple.cable.levels[Line.D1]


def test_poor_insulation_never_lets_the_contactor_close():
    result = run_session(cable=CableParameters(insulation_ohm=49_000.0))
    assert result.couple.evps.ending.reason is Reason.INSULATION
    assert EvpsFault.MALFUNCTION in result.couple.evps.faults
    assert not [each for each in result.couple.cable.switchings if each.who is Who.VEHICLE]
    assert result.ended


def test_current_into_a_vehicle_that_only_discharges_stops_it_after_a_second():
    result = run_session(
        vehicle=VehicleParameters(charge=False),
        want=lambda t: -5.0,
        evps_faults=[Excess(8.0, When("transfer", 5.0))],
    )
    vehicle = result.couple.vehicle
    assert vehicle.ending.reason is Reason.REVERSE_CURRENT
    began = result.couple.evps._injections.entered_s["transfer"] + 5.0
    assert vehicle.ending.t_s - began == pytest.approx(1.0, abs=SLACK_S)


def test_without_discharge_frames_no_current_is_drawn():
    result = run_session(
        want=lambda t: -10.0, vehicle_faults=[Missing(0x200, run(5.0, 4.0))], minutes=0.5
    )
    began = result.couple.vehicle._injections.entered_s["run"] + 5.0
    drawn = [each for each in result.couple.samples if each.amps < 0]
    assert min(each.amps for each in drawn) == -10.0
    gap = [each for each in drawn if began + 1.0 + SLACK_S < each.t_s < began + 3.9]
    assert not gap
    assert result.couple.vehicle.state is VehicleState.FINISHED
