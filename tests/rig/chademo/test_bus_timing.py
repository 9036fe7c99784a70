"""Periods, order and silence of the frames."""

import pytest

from rig.chademo.check import Severity, Verdict
from rig.chademo.frames import (
    VehicleStatus,
)


def test_frames_every_130_ms_break_the_period(spoil, judge, plan):
    slow = [f._replace(t_s=plan.start + (f.t_s - plan.start) * 1.3) for f in plan.frames()]
    rules = spoil.found(judge(slow))
    assert ("vehicle", "period of 0x102") in rules
    assert ("charger", "period of 0x109") in rules


def test_now_and_then_a_stray_frame_is_a_note(spoil, judge, plan):
    frames = plan.frames()
    at = next(n for n, f in enumerate(frames) if f.identifier == 0x109 and f.t_s > 106)
    frames[at] = frames[at]._replace(t_s=frames[at].t_s + 0.0201)
    frames.sort(key=lambda each: each.t_s)
    report = judge(frames)
    assert report.verdict is Verdict.NOTED
    assert ("charger", "period of 0x109") in spoil.found(report, Severity.NOTE)
    assert report.periods[0x109].stray == 2


def test_109_before_108_is_an_error(judge, plan):
    swap = {0x108: 0.0003, 0x109: -0.0003}
    frames = [f._replace(t_s=f.t_s + swap.get(f.identifier, 0.0)) for f in plan.frames()]
    report = judge(sorted(frames, key=lambda each: each.t_s))
    (error,) = report.of(Severity.ERROR)
    assert (error.rule, error.side) == ("order of frames", "charger")
    assert error.count > 100


def test_100_after_102_is_an_error(spoil, judge, plan):
    late = [f._replace(t_s=f.t_s + 0.025) if f.identifier == 0x100 else f for f in plan.frames()]
    report = judge(sorted(late, key=lambda each: each.t_s))
    assert ("vehicle", "order of frames") in spoil.found(report)


def test_the_charger_must_not_speak_first(spoil, judge, plan):
    silent = spoil.lost(spoil.VEHICLE_FRAMES, 0.0, 0.6)
    report = judge(plan, charger_starts=0.0, tweak=silent)
    assert ("charger", "who speaks first") in spoil.found(report)


def test_enabling_before_the_charger_answers_is_an_error(spoil, judge, plan):
    report = judge(plan, charger_starts=0.5, enable=0.0)
    assert ("vehicle", "enabled before the charger answered") in spoil.found(report)


def test_a_charger_that_falls_silent_in_transfer_is_lost_and_the_vehicle_must_stop(
    spoil, judge, plan
):
    report = judge(plan, tweak=spoil.lost(spoil.CHARGER_FRAMES, 6.0, 99.0))
    assert ("charger", "CAN lost") in spoil.found(report)
    assert ("vehicle", "reaction to CAN loss") in spoil.found(report)
    assert "the charger fell silent" in report.outcome


def test_a_vehicle_that_stops_when_the_charger_is_lost_reacts_right(spoil, judge, plan):
    gone = spoil.lost(spoil.CHARGER_FRAMES, 6.0, 99.0)
    stops = spoil.tweak(VehicleStatus, 7.2, 99.0, enabled=False, current_request_a=0)
    report = judge(plan, tweak=lambda t, m: gone(t, stops(t, m)))
    assert ("charger", "CAN lost") in spoil.found(report)
    assert ("vehicle", "reaction to CAN loss") not in spoil.found(report)


def test_a_charger_that_goes_on_without_the_vehicle_is_found(spoil, judge, plan):
    report = judge(plan, tweak=spoil.lost(spoil.VEHICLE_FRAMES, 6.0, 99.0))
    assert {("vehicle", "CAN lost"), ("charger", "reaction to CAN loss")} <= spoil.found(report)


def test_silence_of_one_side_after_the_session_is_no_loss(judge, plan):
    assert judge(plan, charger_ends=14.0).verdict is Verdict.SOUND


@pytest.mark.parametrize("change", [{"data": b"\x02"}, {"data": b"", "remote": True}])
def test_a_frame_of_another_length_is_an_error(spoil, judge, plan, change):
    frames = plan.frames()
    at = next(n for n, f in enumerate(frames) if f.identifier == 0x102 and f.t_s > 103)
    frames[at] = frames[at]._replace(**change)
    assert ("vehicle", "length of 0x102") in spoil.found(judge(frames))


def test_frames_with_29_bit_identifiers_are_not_chademo(judge, plan):
    junk = [f._replace(extended=True, data=b"\xff" * 8) for f in plan.frames()]
    mixed = sorted([*plan.frames(), *junk], key=lambda each: each.t_s)
    assert judge(mixed).verdict is Verdict.SOUND


@pytest.mark.parametrize("at", [0, 3, 400, 430, 700, 900, 905, -1])
def test_no_single_lost_frame_makes_a_sound_session_fall_short(judge, plan, at):
    frames = plan.frames()
    del frames[at]
    assert judge(frames).verdict.held
