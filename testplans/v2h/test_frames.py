"""The frames that the vehicle sends at the CHAdeMO port, and frames that do not come."""

from functools import partial

import pytest

from rig.bench.v2h.frames import FrameMeter
from rig.bench.v2h.trial import PortTrial
from rig.chademo.frames import ChargerStatus
from rig.chademo.roles import BusOff, Extended, Line, Missing, WrongLength


@pytest.mark.requirement("R-V2H-01")
@pytest.mark.duration(20)
def test_the_vehicle_sends_its_frames_in_time_and_in_order(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised():
        with trial.session() as session:
            trial.drive(session, -requirement.number("discharge_a"))
            trial.watch(session)
        meter, frames = trial.meter(session), FrameMeter(session, trial.meter(session))
        d1 = meter.line(Line.D1, on=True)
        verify(meter.elapsed("first_set", d1, frames.first_set()))
        for gap in frames.extreme_gaps("frame_gap"):
            verify(trial.judged(gap))
        verify(trial.judged(frames.out_of_order("out_of_order")))
        verify(meter.violations())


@pytest.mark.requirement("R-V2H-06")
@pytest.mark.duration(20)
def test_one_lost_cycle_of_frames_changes_nothing(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session() as session:
        trial.drive(session, -requirement.number("discharge_a"))
        lost_s = session.inject(partial(Missing, None), requirement.number("gap_s"))
        trial.watch(session)
        meter = trial.meter(session)
        stopped = trial.withdrawn(session, meter.at(lost_s))
        verify(trial.judged(meter.count("stops", int(stopped is not None))))
    verify(trial.violations())


BROKEN = {
    "none": [partial(Missing, None)],
    "status missing": [partial(Missing, ChargerStatus.IDENTIFIER)],
    "status cut": [partial(WrongLength, ChargerStatus.IDENTIFIER, 7)],
    "status with 29 bits": [partial(Extended, ChargerStatus.IDENTIFIER)],
    "off the bus": [BusOff],
}


@pytest.mark.requirement("R-V2H-06")
@pytest.mark.duration(20)
@pytest.mark.parametrize("frames", BROKEN)
def test_the_vehicle_stops_when_no_more_sound_frames_come(bench, requirement, verify, frames):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session() as session:
        trial.drive(session, -requirement.number("discharge_a"))
        lost_s = [session.inject(fault) for fault in BROKEN[frames]][-1]
        trial.watch(session)
        meter = trial.meter(session)
        last = meter.last_frame(ChargerStatus, before_s=lost_s)
        for end in (trial.withdrawn(session, last), trial.forbidden(session, last)):
            verify(trial.judged(meter.elapsed("stop_time", last, end)))
        verify(trial.code_missing(session))
    verify(trial.violations())
