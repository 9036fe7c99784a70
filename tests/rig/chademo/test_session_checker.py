"""The checker against a sound session, live and cut, and against noise."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.capabilities import CanFrame
from instruments.errors import UsageError
from rig.chademo.check import Limits, PhaseName, SessionChecker, Severity, Verdict
from rig.chademo.frames import (
    CATALOGUE,
    ChargerCapability,
    VehicleStatus,
)
from rig.chademo.logs import LoggedFrame


def test_a_sound_session_leaves_nothing_to_remark(judge, plan):
    report = judge(plan)
    assert report.findings == ()
    assert report.verdict is Verdict.SOUND
    assert (
        report.outcome == "energy was transferred; ended because the charger stopped it (109.5.5)"
    )


def test_phases_follow_the_steps_of_the_session(judge, plan):
    phases = {each.name: each.start_s - plan.start for each in judge(plan).phases}
    assert list(phases) == list(PhaseName)
    # The vehicle's status is sent 20 ms into a cycle, the charger's 65 ms.
    assert phases[PhaseName.ENABLED] == pytest.approx(plan.enable + 0.02)
    assert phases[PhaseName.INSULATION] == pytest.approx(plan.test + 0.0653)
    assert phases[PhaseName.CLOSED] == pytest.approx(plan.close + 0.02)
    assert phases[PhaseName.TRANSFER] == pytest.approx(plan.transfer + 0.0653)
    assert phases[PhaseName.FINISHED] == pytest.approx(plan.unlock + 0.0653)


def test_energy_is_counted_in_both_directions(judge, plan):
    energy = judge(plan).energy
    assert (energy.most_charge_a, energy.most_discharge_a) == (14, 10)
    assert energy.discharged_wh == pytest.approx(380 * 10 * 1.5 / 3600, rel=1e-3)
    assert energy.charged_wh > energy.discharged_wh
    assert energy.charge_percent == 50.0


def test_it_says_which_side_is_which_and_how_they_agree(judge, plan):
    report = judge(plan)
    assert report.vehicle.version == report.charger.version == report.version == "1.x"
    assert report.charger.name == "V2H unit"
    assert report.discharge
    assert judge(plan, charger_protocol=1).version == "0.9"


def test_a_vehicle_may_follow_the_chargers_version_up(spoil, judge, plan):
    low = spoil.tweak(VehicleStatus, 0.0, 0.4, protocol=1)
    report = judge(plan, tweak=low)
    assert ("vehicle", "protocol") in spoil.found(report, Severity.NOTE)
    assert not report.of(Severity.ERROR)


def test_with_a_0_9_charger_the_contactor_bit_means_nothing(spoil, judge, plan):
    report = judge(
        plan, charger_protocol=1, tweak=spoil.tweak(ChargerCapability, weld_detection_support=0)
    )
    assert not report.of(Severity.ERROR)
    names = [each.name for each in report.phases]
    assert PhaseName.REQUESTED in names
    assert PhaseName.OPENED not in names


def test_a_vehicle_that_stops_first_is_named(judge, plan):
    report = judge(plan, disable=8.8, stop=9.0)
    assert report.outcome.endswith("ended because the vehicle withdrew 102.5.0")
    assert report.verdict is Verdict.SOUND


def test_a_session_cut_at_the_end_is_judged_as_far_as_it_goes(judge, plan):
    report = judge([f for f in plan.frames() if f.t_s < plan.start + 7.0])
    assert [each.rule for each in report.findings] == ["end"]
    assert "nothing stopped it while the log lasts" in report.outcome


@pytest.mark.parametrize("cut", [2.5, 5.0, 7.0, 9.1, 9.6, 11.1])
def test_a_session_cut_at_the_beginning_is_judged_from_there(judge, plan, cut):
    report = judge([f for f in plan.frames() if f.t_s >= plan.start + cut])
    assert not report.of(Severity.ERROR)


def test_vehicle_alone_is_a_missing_answer(spoil, judge, plan):
    report = judge([f for f in plan.frames() if f.identifier in {0x100, 0x101, 0x102}])
    assert ("charger", "deadline: answer") in spoil.found(report)
    assert report.charger is None


def test_too_little_of_one_side_is_inconclusive(judge, plan):
    few = [f for f in plan.frames() if f.t_s < plan.start + 0.2]
    assert judge(few).verdict is Verdict.INCONCLUSIVE


def test_findings_can_be_asked_for_while_the_session_runs(spoil, plan):
    checker = SessionChecker()
    late = spoil.lost(spoil.CHARGER_FRAMES, 0.0, 99.0)
    for frame in replace(plan, tweak=late).frames():
        checker.feed(frame)
        if frame.t_s > plan.start + 0.9:
            break
    assert checker.findings == ()
    checker.advance(plan.start + 1.1)
    (finding,) = checker.findings
    assert (finding.rule, finding.t_s) == ("deadline: answer", plan.start + 1.0)


def test_frames_as_instruments_receive_them_are_taken(plan):
    checker = SessionChecker()
    for frame in plan.frames():
        checker.feed(CanFrame(frame.identifier, frame.data, t_s=frame.t_s))
    assert checker.phase is PhaseName.FINISHED
    assert checker.finish().verdict is Verdict.SOUND


def test_a_frame_without_its_time_cannot_be_judged():
    with pytest.raises(UsageError, match="0x102 has none"):
        SessionChecker().feed(CanFrame(0x102, bytes(8)))


def test_limits_are_parameters(spoil, plan):
    checker = SessionChecker(Limits(enable_s=1.0))
    for frame in plan.frames():
        checker.feed(frame)
    assert ("vehicle", "deadline: enable") in spoil.found(checker.finish())


def test_nothing_at_all_is_inconclusive():
    report = SessionChecker().finish()
    assert (report.verdict, report.phases) == (Verdict.INCONCLUSIVE, ())


noise = st.lists(
    st.tuples(
        st.sampled_from(sorted(CATALOGUE)),
        st.binary(min_size=8, max_size=8),
        st.floats(0.0, 2.0),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(noise)
def test_whatever_is_on_the_bus_is_judged_without_an_exception(frames):
    checker, t = SessionChecker(), 0.0
    for identifier, data, gap in frames:
        t += gap
        checker.feed(LoggedFrame(t, identifier, data, False, False, "0", 1))
    report = checker.finish()
    assert report.frames == len(frames)
    starts = [each.start_s for each in report.phases]
    assert starts == sorted(starts)
