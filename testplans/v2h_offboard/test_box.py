"""An off-board V2H box at its plug, the rig being the vehicle."""

from functools import partial

import pytest

from rig.bench.v2h.frames import FrameMeter
from rig.bench.v2h.offboard_trial import OffboardTrial
from rig.chademo.frames import ChargerStatus, Side, VehicleStatus
from rig.chademo.roles import Line, Missing, VehicleParameters, WrongValue

DIRECTIONS = pytest.mark.parametrize("discharge", [True, False], ids=["discharging", "charging"])


@pytest.mark.requirement("R-EVPS-01")
@pytest.mark.duration(20)
def test_the_box_sends_its_frames_in_time_and_in_order(offboard, requirement, verify):
    trial = OffboardTrial(offboard, requirement)
    with offboard.energised():
        with trial.session(discharge=True) as session:
            trial.run(session)
            trial.watch(session)
        meter = trial.meter(session)
        frames = FrameMeter(session, meter, Side.CHARGER)
        heard = FrameMeter(session, meter).first_set()
        verify(meter.elapsed("first_set", heard, frames.first_set()))
        for gap in frames.extreme_gaps("frame_gap"):
            verify(trial.judged(gap))
        verify(trial.judged(frames.out_of_order("out_of_order")))
        verify(meter.violations("charger"))


@pytest.mark.requirement("R-EVPS-02")
@pytest.mark.duration(20)
def test_the_box_tests_before_it_lets_the_vehicle_close(offboard, requirement, verify):
    trial = OffboardTrial(offboard, requirement)
    with offboard.energised():
        with trial.session(discharge=False) as session:
            trial.run(session)
            trial.watch(session)
        meter = trial.meter(session)
        permitted = meter.frame(VehicleStatus, lambda each: each.enabled)
        d2 = meter.line(Line.D2, on=True, after=permitted)
        verify(meter.elapsed("d2", permitted, d2))
        told = [
            each.voltage_v
            for t_s, each in session.traffic.of(ChargerStatus)
            if d2 and t_s < d2.value
        ]
        verify(trial.volts(session, "test_voltage", float(max(told, default=0))))
        verify(trial.volts(session, "output_at_d2", float(told[-1] if told else 0)))
        asked = meter.frame(VehicleStatus, lambda each: each.current_request_a > 0)
        starts = meter.frame(ChargerStatus, lambda each: each.charging, asked)
        verify(meter.elapsed("start", asked, starts))
        verify(meter.violations("charger"))


@pytest.mark.requirement("R-EVPS-03")
@pytest.mark.duration(20)
@DIRECTIONS
def test_the_box_drives_what_the_vehicle_allows(offboard, requirement, verify, discharge):
    trial = OffboardTrial(offboard, requirement)
    with offboard.energised():
        with trial.session(discharge=discharge) as session:
            trial.run(session)
            trial.watch(session)
            verify(trial.driven(session, "discharge" if discharge else "charge"))
            verify(trial.misreported(session, "reported"))
        verify(trial.meter(session).violations("charger"))


WAYS = {
    "user": lambda session: session.vehicle.stop(),
    "k alone": lambda session: session.lose(Line.K),
    "frames alone": lambda session: session.inject(
        partial(WrongValue, VehicleStatus.IDENTIFIER, {"enabled": False})
    ),
    "fault": lambda session: session.vehicle.fail("fault_over_temperature"),
    "out of park": lambda session: session.vehicle.leave_park(),
}


@pytest.mark.requirement("R-EVPS-04")
@pytest.mark.duration(25)
@pytest.mark.parametrize("way", WAYS)
def test_the_box_stops_on_the_vehicle_s_word(offboard, requirement, verify, way):
    trial, amps = OffboardTrial(offboard, requirement), -requirement.number("allowed_a")
    with offboard.energised(), trial.session(discharge=True) as session:
        trial.run(session, amps)
        with trial.capture(discharge=True) as wave:
            since_s = offboard.clock.now()
            WAYS[way](session)
            session.await_end()
        meter, start = trial.meter(session), trial.withdrawn(session, since_s)
        verify(trial.low_current(session, start, wave))
        verify(
            trial.judged(
                meter.elapsed("d2_released", start, meter.line(Line.D2, on=False, after=start))
            )
        )


@pytest.mark.requirement("R-EVPS-05")
@pytest.mark.duration(25)
def test_the_box_stops_when_the_vehicle_falls_silent(offboard, requirement, verify):
    trial, amps = OffboardTrial(offboard, requirement), -requirement.number("allowed_a")
    with offboard.energised(), trial.session(discharge=True) as session:
        trial.run(session, amps)
        with trial.capture(discharge=True) as wave:
            silent_s = session.inject(partial(Missing, None))
            trial.watch(session)
        last = trial.meter(session).last_frame(VehicleStatus, before_s=silent_s)
        verify(trial.low_current(session, last, wave))


@pytest.mark.requirement("R-EVPS-06")
@pytest.mark.duration(25)
@DIRECTIONS
def test_the_stop_button_ends_a_session_in_order(offboard, requirement, verify, discharge):
    trial, amps = OffboardTrial(offboard, requirement), requirement.number("allowed_a")
    with offboard.energised():
        with trial.session(discharge=discharge) as session:
            trial.run(session, -amps if discharge else amps)
            with trial.capture(discharge=discharge) as wave:
                pressed = trial.meter(session).at(offboard.v2h.press_stop())
                session.await_end()
        meter = trial.meter(session)
        verify(trial.low_current(session, pressed, wave))
        checked = meter.frame(VehicleStatus, lambda each: each.contactor_open, pressed)
        d2 = meter.line(Line.D2, on=False, after=pressed)
        d1 = meter.line(Line.D1, on=False, after=pressed)
        verify(trial.judged(meter.elapsed("d2_after_weld_check", checked, d2)))
        verify(trial.judged(meter.elapsed("d1_after_d2", d2, d1)))
        verify(meter.violations("charger"))


@pytest.mark.requirement("R-EVPS-07")
@pytest.mark.duration(25)
def test_the_emergency_stop_waits_for_nothing(offboard, requirement, verify):
    trial, amps = OffboardTrial(offboard, requirement), -requirement.number("allowed_a")
    with offboard.energised(), trial.session(discharge=True) as session:
        trial.run(session, amps)
        meter = trial.meter(session)
        with trial.capture(discharge=True) as wave:
            pressed = meter.at(offboard.v2h.press_emergency())
            trial.watch(session)
        verify(trial.low_current(session, pressed, wave))
        for line in (Line.D2, Line.D1):
            off = meter.line(line, on=False, after=pressed)
            verify(trial.judged(meter.elapsed("lines_off", pressed, off)))


@pytest.mark.requirement("R-EVPS-08")
@pytest.mark.duration(20)
def test_the_box_refuses_a_vehicle_beyond_its_reach(offboard, requirement, verify):
    trial = OffboardTrial(offboard, requirement)
    vehicle = VehicleParameters(
        target_v=int(requirement.number("target_v")),
        max_v=int(requirement.number("target_v")),
        heeds_charger=False,
    )
    with offboard.energised(), trial.session(discharge=False, parameters=vehicle) as session:
        trial.watch(session)
        meter = trial.meter(session)
        switched = session.lines.change(Line.D2, on=True) is not None
        verify(meter.count("d2_switchings", int(switched)))
        flagged = meter.frame(ChargerStatus, lambda each: each.battery_incompatible)
        verify(meter.count("flags_missing", int(flagged is None)))
