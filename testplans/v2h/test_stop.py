"""How a session ends: in order, on the other side's word, by lost lines, in an emergency."""

from functools import partial

import pytest

from rig.bench.v2h import PORT_CURRENT, PORT_VOLTAGE
from rig.bench.v2h.trial import PortTrial
from rig.chademo.frames import ChargerStatus, VehicleStatus
from rig.chademo.roles import Line, WrongValue
from rig.controller import V2hMode

BITS = ["charger_malfunction", "system_malfunction", "battery_incompatible", "stop_control"]


@pytest.mark.requirement("R-V2H-07")
@pytest.mark.duration(25)
@pytest.mark.parametrize("bit", BITS)
def test_the_vehicle_stops_within_a_cycle_when_the_evps_says_so(bench, requirement, verify, bit):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session() as session:
        trial.drive(session, -requirement.number("discharge_a"))
        told = partial(WrongValue, ChargerStatus.IDENTIFIER, {bit: True})
        with bench.v2h.capture(1.5, trigger="port_current", level=-2.5, pre_s=0.5) as wave:
            since_s = session.inject(told)
            session.await_end()
        meter = trial.meter(session)
        said = meter.frame(ChargerStatus, lambda each: getattr(each, bit), meter.at(since_s))
        ends = {
            "request_withdrawal": trial.withdrawn(session, said),
            "limit_withdrawal": trial.forbidden(session, said),
            "k_release": trial.released(session, said),
        }
        for name, end in ends.items():
            verify(trial.judged(meter.elapsed(name, said, end)))
        verify(trial.judged(wave.opening_current("opening_current")))
    verify(trial.violations())


@pytest.mark.requirement("R-V2H-07")
@pytest.mark.duration(25)
@pytest.mark.parametrize("line", [Line.D1, Line.D2], ids=str)
def test_the_contactors_drop_by_themselves_when_a_line_is_lost(bench, requirement, verify, line):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session() as session:
        trial.drive(session, -requirement.number("discharge_a"))
        meter = trial.meter(session)
        with bench.v2h.capture(1.0, trigger="port_current", level=-5.0, pre_s=0.5) as wave:
            since = meter.at(session.lose(line))
            trial.watch(session)
        lost = meter.line(line, on=False, after=since)
        ended = wave.clock(wave.last_current_s())
        verify(trial.judged(meter.elapsed("drop_time", lost, ended)))
        verify(trial.judged(meter.elapsed("withdrawal", lost, trial.withdrawn(session, lost))))
        verify(trial.judged(meter.elapsed("k_release", lost, trial.released(session, lost))))
        verify(trial.code_missing(session, "lost_line_code"))
    verify(trial.violations())


@pytest.mark.requirement("R-V2H-08")
@pytest.mark.duration(25)
@pytest.mark.parametrize(
    ("way", "by_vehicle"),
    [(0, False), (1, False), (0, True)],
    ids=["discharging", "charging", "by the vehicle"],
)
def test_a_normal_stop_keeps_its_order(bench, requirement, verify, way, by_vehicle):
    trial = PortTrial(bench, requirement)
    amps = requirement.numbers("current_a")[way]
    slope = "rising" if amps < 0 else "falling"
    with bench.energised():
        with trial.session() as session:
            trial.drive(session, amps)
            trial.watch(session)
            with bench.v2h.capture(
                2.0, trigger="port_current", level=amps / 4, slope=slope, pre_s=0.5
            ) as wave:
                if by_vehicle:
                    bench.controller.set_v2h(V2hMode.OFF)
                    session.await_end()
                else:
                    session.stop()
        meter = trial.meter(session)
        cleared = trial.cleared(session)
        opened = meter.frame(VehicleStatus, lambda each: each.contactor_open, cleared)
        parted = wave.clock(wave.falls_from(PORT_VOLTAGE, 0.9, 0.0))
        verify(trial.judged(meter.elapsed("opening", cleared, parted)))
        verify(trial.judged(wave.opening_current("opening_current")))
        verify(trial.judged(meter.elapsed("weld_check", cleared, opened)))
        verify(meter.violations())


@pytest.mark.requirement("R-V2H-09")
@pytest.mark.duration(25)
def test_an_emergency_stop_ends_current_and_voltage_in_time(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session() as session:
        trial.drive(session, -requirement.number("discharge_a"))
        meter = trial.meter(session)
        with bench.v2h.capture(2.0, trigger="port_current", level=-6.0, pre_s=0.5) as wave:
            pressed = meter.at(session.emergency_stop())
            trial.watch(session)
        dead_v = requirement.number("dead_v")
        dead_v -= 2 * wave.uncertainty(PORT_VOLTAGE, dead_v)
        low = wave.clock(wave.stays_below(PORT_CURRENT, session.evps.parameters.low_current_a))
        dead = wave.clock(wave.stays_below(PORT_VOLTAGE, dead_v))
        verify(trial.judged(meter.elapsed("low_current", pressed, low)))
        verify(trial.judged(meter.elapsed("dead_port", pressed, dead)))
        verify(trial.code_missing(session))
    verify(trial.violations())


@pytest.mark.requirement("R-V2H-10")
@pytest.mark.duration(25)
def test_the_vehicle_stops_when_it_is_shifted_out_of_park(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session() as session:
        trial.drive(session, -requirement.number("discharge_a"))
        meter = trial.meter(session)
        shifted = meter.at(bench.clock.now())
        bench.unit.say_gear(int(requirement.number("gear")))
        session.await_end()
        told = meter.frame(VehicleStatus, lambda each: each.not_in_park, shifted)
        verify(trial.judged(meter.elapsed("told", shifted, told)))
        for end in (trial.withdrawn(session, shifted), trial.released(session, shifted)):
            verify(trial.judged(meter.elapsed("stop_time", shifted, end)))
        verify(trial.code_missing(session))
    verify(trial.violations())
