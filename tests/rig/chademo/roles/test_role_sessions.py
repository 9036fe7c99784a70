"""Sessions of both roles on the virtual clock, judged by the checker that listens."""

import time

import pytest

from rig.chademo.check import Severity
from rig.chademo.frames import ChargerStatus, DischargeCapability
from rig.chademo.roles import (
    EvpsParameters,
    EvpsState,
    Line,
    Reason,
    VehicleParameters,
    VehicleState,
)
from rig.virtual.chademo import CableParameters, StopKind, Who, run_session

CURRENTS = (10.0, -10.0, 0.0)
SESSIONS = [(kind, amps) for amps in CURRENTS for kind in StopKind]
EMERGENCIES = {StopKind.D1_LOST, StopKind.D2_LOST, StopKind.UNPLUGGED}
START = [
    EvpsState.IDLE, EvpsState.WAKING, EvpsState.PARAMETERS, EvpsState.LOCKING,
    EvpsState.INSULATION, EvpsState.BLEEDING, EvpsState.CLOSING, EvpsState.PRECHARGE,
    EvpsState.READY, EvpsState.TRANSFER,
]  # fmt: skip


@pytest.mark.parametrize(("kind", "amps"), SESSIONS)
def test_every_stop_ends_in_a_sound_session(kind, amps):
    minutes = 0.03 if kind is StopKind.BEFORE_CHARGE else 0.3
    result = run_session(stop=kind, minutes=minutes, want=lambda t: amps)
    report = result.report
    assert report.verdict.held, [str(each) for each in report.of(Severity.ERROR)]
    assert result.ended
    if kind is StopKind.BEFORE_CHARGE:
        assert result.opened_at_a == []
    else:
        assert len(result.opened_at_a) == 1
        assert result.opened_at_a[0] <= (abs(amps) if kind in EMERGENCIES else 5.0)
    levels = result.couple.cable.levels
    assert not any(levels[each] for each in (Line.D1, Line.D2, Line.K, Line.LOCK))


def test_there_are_at_least_fifty_sessions_of_twelve_kinds():
    assert len(SESSIONS) >= 50
    assert len({kind for kind, _ in SESSIONS}) >= 12


def test_ten_minutes_of_range_mode_take_at_most_three_seconds():
    began = time.process_time()
    wishes = (15.0, -15.0, 3.0, -8.0)
    result = run_session(minutes=10, want=lambda t: wishes[int(t / 20) % 4])
    took_s = time.process_time() - began
    assert result.report.verdict.held
    assert result.report.energy.most_discharge_a == 15
    assert result.report.energy.most_charge_a == 15
    # Of this process alone: what else runs on the machine is not the session's doing.
    assert took_s <= 3.0, took_s


def test_a_session_takes_the_steps_of_the_facts_in_their_order():
    result = run_session()
    evps = [state for _, state in result.couple.evps.path]
    assert evps[: len(START)] == START
    assert [state for _, state in result.couple.vehicle.path] == list(VehicleState)
    asked = result.report.deadlines_s
    assert asked["start"] <= 0.5
    assert asked["close"] <= 22.0
    assert asked["weld check"] <= 4.0


def test_frames_and_supply_tell_one_story_at_every_instant():
    couple = run_session(minutes=0.5, want=lambda t: 15.0 if int(t) % 4 < 2 else -15.0).couple
    told = 0
    truth = iter(couple.samples)
    now = next(truth)
    for frame in couple.frames:
        if frame.identifier not in {0x109, 0x208}:
            continue
        while now.t_s < frame.t_s - 0.05:
            now = next(truth)
        if frame.identifier == 0x109:
            status = ChargerStatus.decode(frame.data)
        else:
            intake = DischargeCapability.decode(frame.data)
            shown_a = status.current_a - intake.discharge_current_a
            assert status.current_a * intake.discharge_current_a == 0
            # The sample lies up to half a cycle off; the current moves 20 A/s, or drops.
            steady = abs(now.amps) in {0.0, 15.0} and shown_a in {0, 15, -15}
            told += steady and shown_a == now.amps
    assert told > 0.5 * len([f for f in couple.frames if f.identifier == 0x208])


def test_no_set_point_leaves_the_live_bounds():
    found = []

    def watch(couple):
        def look():
            bounds = couple.evps.bounds
            if couple.evps.state is EvpsState.TRANSFER:
                found.append(bounds.low_a - 1e-9 <= couple.evps.current_a <= bounds.high_a + 1e-9)

        couple.clock.call_every(0.02, look, first=0.01)
        couple.clock.call_at(15.0, lambda: couple.evps.offer_current(5, 7))
        couple.clock.call_at(20.0, lambda: couple.evps.offer_current(15, 15))

    result = run_session(
        want=lambda t: 40.0 if int(t) % 4 < 2 else -40.0, meanwhile=watch, minutes=0.5
    )
    assert len(found) > 900
    # A bound that falls is obeyed at the next tick, 20 ms later.
    assert found.count(False) <= 4
    assert result.report.verdict.held


@pytest.mark.parametrize(("keep_alive_s", "lasts"), [(60.0, True), (None, False)])
def test_a_leaf_gives_up_after_six_minutes_without_a_sign_of_charging(keep_alive_s, lasts):
    result = run_session(EvpsParameters(keep_alive_s=keep_alive_s), want=lambda t: -5.0, minutes=8)
    reason = result.couple.vehicle.ending.reason
    assert reason is (Reason.CHARGER_STOP if lasts else Reason.NO_CHARGE_CURRENT)
    if not lasts:
        run_s = next(t for t, state in result.couple.vehicle.path if state == "run")
        assert result.couple.vehicle.ending.t_s - run_s == pytest.approx(360.0, abs=2.0)
    assert result.report.verdict.held


def test_at_the_floor_discharge_ends_and_charge_stays_allowed():
    result = run_session(
        vehicle=VehicleParameters(min_discharge_v=365),
        cable=CableParameters(charge_percent=50.0),
        want=lambda t: -10.0 if t < 20 else 10.0,
        minutes=0.6,
    )
    assert result.report.energy.most_discharge_a == 0
    assert result.report.energy.most_charge_a == 10


def test_at_the_ceiling_charge_ends_and_discharge_stays_allowed():
    result = run_session(
        vehicle=VehicleParameters(max_level=60),
        want=lambda t: 10.0 if t < 20 else -10.0,
        minutes=0.6,
    )
    assert result.report.energy.most_charge_a == 0
    assert result.report.energy.most_discharge_a == 10


def test_an_emergency_stop_has_no_current_in_100_ms_and_no_voltage_in_a_second():
    result = run_session(stop=StopKind.EVPS_EMERGENCY, want=lambda t: 15.0)
    after = [each for each in result.couple.samples if each.t_s >= result.stop_s + 0.1]
    assert all(abs(each.amps) <= 5.0 for each in after)
    assert all(each.volts < 60.0 for each in after if each.t_s >= result.stop_s + 1.0)
    assert not result.couple.cable.closed[Who.EVPS]


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("other", [1, 2, 3])
def test_versions_go_together(version, other):
    result = run_session(
        EvpsParameters(protocol=version, extension=version == 3),
        VehicleParameters(protocol=other),
    )
    assert result.report.verdict.held, [str(each) for each in result.report.of(Severity.ERROR)]
    assert result.ended


def test_contactors_close_onto_what_they_may():
    moves = run_session().couple.cable.switchings
    vehicle = next(each for each in moves if each.who is Who.VEHICLE and each.closed)
    assert abs(vehicle.volts) > 300.0  # onto an output without voltage, as the facts have it
    # The EVPS closes at rest for its test, then again onto the battery.
    evps = [each for each in moves if each.who is Who.EVPS and each.closed]
    assert [abs(each.volts) <= 10.0 for each in evps] == [True, True]
    assert all(each.amps == 0.0 for each in moves)
