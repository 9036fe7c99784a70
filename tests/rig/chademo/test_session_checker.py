"""The checker against a sound session and against sessions spoilt in one way each."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.capabilities import CanFrame
from instruments.errors import UsageError
from rig.chademo.check import Limits, PhaseName, SessionChecker, Severity, Verdict
from rig.chademo.frames import (
    CATALOGUE,
    BatteryLimits,
    ChargerCapability,
    ChargerExtension,
    ChargerStatus,
    DischargeCapability,
    DischargeLimits,
    EvpsEstimate,
    VehicleEstimate,
    VehicleExtension,
    VehicleStatus,
)
from rig.chademo.logs import LoggedFrame


def tweak(kind, start=0.0, end=99.0, **changes):
    """Change fields of one kind of frame for a while; a callable value gets the message."""

    def change(t, message):
        if not isinstance(message, kind) or not start <= t < end:
            return message
        given_values = {
            name: value(message) if callable(value) else value for name, value in changes.items()
        }
        return replace(message, **given_values)

    return change


def lost(kinds, start, end):
    return lambda t, message: None if isinstance(message, kinds) and start <= t < end else message


def found(report, severity=Severity.ERROR):
    return {(each.side, each.rule) for each in report.of(severity)}


VEHICLE_FRAMES = tuple(k for k in CATALOGUE.values() if k.SENDER == "vehicle")
CHARGER_FRAMES = tuple(k for k in CATALOGUE.values() if k.SENDER == "charger")


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


@pytest.mark.parametrize(
    ("changes", "side", "rule"),
    [
        ({"charger_starts": 1.5}, "charger", "deadline: answer"),
        ({"close": 90.0, "request": 90.0, "transfer": 90.0, "test": 90.0, "test_over": 90.0,
          "lock": 23.0, "discharge": 90.0, "discharge_over": 90.0, "stop": 90.0, "fall": 90.0,
          "low_current": 91.0, "disable": 90.5, "clear": 90.5, "open": 91.0, "unlock": 91.0,
          "vehicle_ends": 27.0, "charger_ends": 27.0}, "charger", "deadline: lock"),
        ({"low_current": 9.2, "clear": 9.9}, "charger", "deadline: clear charging"),
    ],
)  # fmt: skip
def test_a_step_that_comes_too_late_breaks_its_deadline(judge, plan, changes, side, rule):
    assert (side, rule) in found(judge(plan, **changes))


def later(plan, step, by):
    """Move a step and all that follow it."""
    names = [
        "enable", "lock", "test", "test_over", "close", "request", "transfer", "discharge",
        "discharge_over", "stop", "low_current", "disable", "clear", "fall", "open", "unlock",
        "vehicle_ends", "charger_ends",
    ]  # fmt: skip
    moved = names[names.index(step) :]
    return replace(plan, **{name: getattr(plan, name) + by for name in moved})


@pytest.mark.parametrize(
    ("step", "by", "side", "name"),
    [
        ("enable", 6.5, "vehicle", "enable"),
        ("close", 23.5, "vehicle", "close"),
        ("request", 3.5, "vehicle", "request"),
        ("transfer", 2.5, "charger", "start"),
        ("disable", 4.0, "vehicle", "obey stop"),
        ("open", 9.0, "vehicle", "weld check"),
    ],
)
def test_each_step_has_its_own_deadline(judge, plan, step, by, side, name):
    assert (side, f"deadline: {name}") in found(judge(later(plan, step, by)))


@pytest.mark.parametrize(
    ("step", "by", "side", "name"),
    [
        ("transfer", 0.5, "charger", "start"),
        ("disable", 2.0, "vehicle", "obey stop"),
        ("open", 3.0, "vehicle", "weld check"),
        ("close", 21.0, "vehicle", "close"),
    ],
)
def test_what_is_late_but_within_the_other_sides_patience_is_a_note(
    judge, plan, step, by, side, name
):
    report = judge(later(plan, step, by))
    assert (side, f"deadline: {name}") in found(report, Severity.NOTE)
    assert f"deadline: {name}" not in {each.rule for each in report.of(Severity.ERROR)}


def test_a_deadline_is_told_with_its_measured_time(judge, plan):
    report = judge(later(plan, "transfer", 0.5))
    assert report.deadlines_s["start"] == pytest.approx(0.7453)
    (note,) = report.of(Severity.NOTE)
    assert "0.745 s after 'first current request'" in note.message


FLAGS = [
    (tweak(VehicleStatus, 9.3, 9.4, current_request_a=14), "vehicle", "request without enable"),
    (tweak(VehicleStatus, 3.0, 3.3, current_request_a=2), "vehicle", "request with open contactor"),
    (tweak(VehicleStatus, 6.0, 6.5, fault_over_temperature=True), "vehicle", "fault without stop"),
    (tweak(VehicleStatus, 6.0, 6.5, system_fault=True), "vehicle", "fault without stop"),
    (tweak(VehicleStatus, 1.0, 1.2, contactor_open=False), "vehicle", "contactor without enable"),
    (tweak(VehicleStatus, 0.0, 2.4, contactor_open=False), "vehicle", "contactor at enable"),
    (tweak(VehicleStatus, 9.8, 10.0, enabled=True), "vehicle", "enabled again"),
    (tweak(VehicleStatus, 6.0, protocol=1), "vehicle", "protocol"),
    (tweak(VehicleStatus, charge_rate=120), "vehicle", "state of charge"),
    (tweak(VehicleStatus, target_voltage_v=0), "vehicle", "parameters"),
    (tweak(VehicleStatus, 6.0, 6.3, contactor_open=True), "vehicle", "opened under load"),
    (tweak(VehicleStatus, 9.3, contactor_open=True), "vehicle", "order of the stop"),
    (tweak(VehicleStatus, target_voltage_v=600), "charger", "battery incompatible"),
    (tweak(VehicleStatus, 1.0, 1.5, stop_before_charge=True), "charger", "start of transfer"),
    (tweak(ChargerStatus, 4.7, 4.9, stop_control=True), "charger", "start of transfer"),
    (tweak(ChargerStatus, 3.6, 4.7, charging=True), "charger", "start of transfer"),
    (tweak(ChargerStatus, 2.5, 2.7, stop_control=False), "charger", "stop control"),
    (tweak(ChargerStatus, 0.0, 0.3, stop_control=False), "charger", "first frame"),
    (tweak(ChargerStatus, 6.0, 6.2, charger_malfunction=True), "charger", "fault without stop"),
    (tweak(ChargerStatus, 1.0, 1.4, energizing=True), "charger", "lock without enable"),
    (tweak(ChargerStatus, 10.0, energizing=False), "charger", "unlocked under voltage"),
    (tweak(ChargerStatus, 9.1, charging=False), "charger", "cleared under load"),
    (tweak(ChargerStatus, 3.0, 3.2, current_a=3), "charger", "current before transfer"),
    (tweak(ChargerStatus, 1.0, 1.5, voltage_v=400), "charger", "voltage before enable"),
    (tweak(ChargerStatus, 5.0, 6.2, voltage_v=440), "charger", "output over threshold"),
    (tweak(ChargerStatus, 6.0, protocol=1), "charger", "protocol"),
    (tweak(ChargerStatus, 6.6, 6.9, current_a=5), "charger", "both directions"),
    (tweak(ChargerCapability, 6.0, available_voltage_v=450), "charger", "available voltage"),
    (tweak(ChargerCapability, 6.0, threshold_voltage_v=420), "charger", "threshold"),
    (tweak(ChargerCapability, threshold_voltage_v=480), "charger", "threshold"),
    (tweak(ChargerCapability, weld_detection_support=0), "charger", "weld detection"),
    (
        tweak(ChargerCapability, 6.0, available_current_a=4),
        "vehicle",
        "request above available current",
    ),
    (tweak(DischargeLimits, 1.0, max_discharge_current_a=4), "vehicle", "discharge limit"),
    (tweak(DischargeLimits, 9.2, max_discharge_current_a=15), "vehicle", "discharge limit"),
    (tweak(DischargeLimits, 7.0, min_discharge_voltage_v=270), "vehicle", "discharge voltage"),
    (
        tweak(DischargeLimits, 6.0, max_discharge_current_a=0),
        "charger",
        "discharge without permission",
    ),
    (
        tweak(VehicleStatus, discharge_compatible=False),
        "charger",
        "discharge without permission",
    ),
    (
        tweak(DischargeCapability, available_input_current_a=5),
        "charger",
        "discharge above own limit",
    ),
    (lost(DischargeCapability, 0, 99), "charger", "discharge frames"),
    (lost(EvpsEstimate, 0, 99), "charger", "discharge frames"),
    (lost(DischargeLimits, 0, 99), "vehicle", "discharge frames"),
    (lost(BatteryLimits, 0, 99), "vehicle", "missing frames"),
    (lost(ChargerCapability, 0, 99), "charger", "missing frames"),
    (lost(EvpsEstimate, 6.0, 99), "charger", "period of 0x209: gap"),
    (lost(BatteryLimits, 6.0, 6.2), "vehicle", "period of 0x100: gap"),
]


def test_a_charger_that_goes_on_out_of_park_is_found(judge, plan):
    report = judge(plan, tweak=tweak(VehicleStatus, 5.5, 9.3, not_in_park=True))
    assert ("charger", "deadline: stop out of park") in found(report)
    assert report.outcome.endswith("ended because the vehicle left park")


@pytest.mark.parametrize(("change", "side", "rule"), FLAGS)
def test_flags_and_values_that_do_not_fit_together_are_found(judge, plan, change, side, rule):
    report = judge(plan, tweak=change)
    assert (side, rule) in found(report)
    assert report.verdict is Verdict.UNSOUND


NOTES = [
    (tweak(VehicleStatus, 6.0, target_voltage_v=405), "vehicle", "target voltage"),
    (tweak(VehicleStatus, 1.0, 1.5, discharge_compatible=False), "vehicle", "discharge compatible"),
    (tweak(VehicleStatus, 8.9, 9.3, not_in_park=True), "vehicle", "not in park"),
    (tweak(ChargerStatus, 2.0, 3.0, energizing=False), "charger", "energizing"),
    (tweak(ChargerStatus, 2.4, 3.5, voltage_v=470), "charger", "voltage at closing"),
    (tweak(ChargerStatus, 2.4, 3.0, voltage_v=0), "charger", "insulation test"),
    (tweak(ChargerStatus, 6.0, 6.1, current_a=29), "charger", "overshoot"),
    (tweak(ChargerCapability, threshold_voltage_v=400), "charger", "threshold"),
    (tweak(ChargerStatus, 4.7, 9.4, remaining_time_min=80), "charger", "remaining time at start"),
    (
        tweak(ChargerStatus, 4.7, remaining_time_10s=215, remaining_time_min=36),
        "charger",
        "remaining time fields",
    ),
    (lost(VehicleEstimate, 0, 99), "vehicle", "sequence number"),
    (lost(ChargerStatus, 6.0, 6.1), "charger", "period of 0x109: lost frame"),
]


@pytest.mark.parametrize(("change", "side", "rule"), NOTES)
def test_deviations_known_from_sound_sessions_are_notes(judge, plan, change, side, rule):
    report = judge(plan, tweak=change)
    assert (side, rule) in found(report, Severity.NOTE)
    assert report.verdict is Verdict.NOTED


def test_an_old_vehicle_may_start_with_a_discharge_limit(judge, plan):
    old = lost(VehicleEstimate, 0, 99)
    early = tweak(DischargeLimits, 0.0, 2.0, max_discharge_current_a=15)
    report = judge(plan, tweak=lambda t, m: early(t, m) if old(t, m) else None)
    assert ("vehicle", "discharge limit") in found(report, Severity.NOTE)
    assert not report.of(Severity.ERROR)


def steep(message):
    return min(message.current_request_a * 2, 14)


def test_a_request_that_rises_faster_than_20_a_per_s_is_an_error(judge, plan):
    report = judge(plan, tweak=tweak(VehicleStatus, current_request_a=steep))
    assert ("vehicle", "request ramp") in found(report)


def test_a_discharge_limit_that_jumps_is_an_error(judge, plan):
    jump = tweak(
        DischargeLimits,
        5.0,
        9.3,
        max_discharge_current_a=15,
    )
    assert ("vehicle", "discharge limit ramp") in found(judge(plan, tweak=jump))


def test_a_request_may_fall_at_once(judge, plan):
    pause = tweak(VehicleStatus, 6.0, current_request_a=0)
    assert not judge(plan, tweak=pause).of(Severity.ERROR)


def long_session(plan):
    return later(plan, "discharge", 8.0)


def test_ten_amperes_too_much_for_five_seconds_is_over_supply(judge, plan):
    over = tweak(ChargerStatus, 5.5, 13.0, current_a=24)
    rules = found(judge(long_session(plan), tweak=over))
    assert ("charger", "over-supply") in rules
    assert ("vehicle", "over-supply not flagged") in rules


def test_ten_amperes_too_much_for_four_seconds_is_not(judge, plan):
    over = tweak(ChargerStatus, 5.5, 9.5, current_a=24)
    report = judge(long_session(plan), tweak=over)
    assert not report.of(Severity.ERROR)
    assert ("charger", "overshoot") in found(report, Severity.NOTE)


def test_nine_amperes_too_much_are_borne(judge, plan):
    over = tweak(ChargerStatus, 5.5, 13.0, current_a=23)
    assert not judge(long_session(plan), tweak=over).of(Severity.ERROR)


def test_ten_amperes_of_discharge_above_the_limit_for_five_seconds_are_over_discharge(judge, plan):
    long = later(plan, "discharge_over", 7.0)
    over = tweak(DischargeCapability, 7.0, 14.0, discharge_current_a=25)
    rules = found(judge(long, tweak=over))
    assert {("charger", "over-discharge"), ("vehicle", "over-discharge not flagged")} <= rules


def test_turning_from_discharge_to_charge_within_a_cycle_is_right(judge, plan):
    # 0x109 is sent before 0x208: for a moment both show a current.
    turn = tweak(ChargerStatus, 8.0, 8.1, current_a=2)
    late = tweak(DischargeCapability, 8.0, 8.1, discharge_current_a=0)
    assert judge(plan, tweak=lambda t, m: late(t, turn(t, m))).verdict is Verdict.SOUND


def test_discharge_below_the_lowest_voltage_is_found(judge, plan):
    long = later(plan, "discharge_over", 7.0)
    low = tweak(ChargerStatus, 7.0, 14.0, voltage_v=249)
    assert ("charger", "discharge floor") in found(judge(long, tweak=low))


def test_discharge_at_the_floor_level_is_found(judge, plan):
    long = later(plan, "discharge_over", 7.0)
    report = judge(long, tweak=tweak(DischargeLimits, min_discharge_level=50))
    assert ("charger", "discharge floor") in found(report)


def test_charge_at_the_ceiling_level_is_found(judge, plan):
    report = judge(long_session(plan), tweak=tweak(DischargeLimits, max_charge_level=50))
    assert ("charger", "charge ceiling") in found(report)


def test_a_short_supply_is_a_note_for_a_charger_that_cannot_take_back(judge, plan):
    change = tweak(ChargerStatus, current_a=0, discharge_compatible=False)
    wide = tweak(ChargerCapability, available_current_a=60)
    more = replace(long_session(plan), amps=30)
    report = judge(more, tweak=lambda t, m: wide(t, change(t, m)))
    assert ("charger", "under-supply") in found(report, Severity.NOTE)


def test_frames_every_130_ms_break_the_period(judge, plan):
    slow = [f._replace(t_s=plan.start + (f.t_s - plan.start) * 1.3) for f in plan.frames()]
    rules = found(judge(slow))
    assert ("vehicle", "period of 0x102") in rules
    assert ("charger", "period of 0x109") in rules


def test_now_and_then_a_stray_frame_is_a_note(judge, plan):
    frames = plan.frames()
    at = next(n for n, f in enumerate(frames) if f.identifier == 0x109 and f.t_s > 106)
    frames[at] = frames[at]._replace(t_s=frames[at].t_s + 0.0201)
    frames.sort(key=lambda each: each.t_s)
    report = judge(frames)
    assert report.verdict is Verdict.NOTED
    assert ("charger", "period of 0x109") in found(report, Severity.NOTE)
    assert report.periods[0x109].stray == 2


def test_109_before_108_is_an_error(judge, plan):
    swap = {0x108: 0.0003, 0x109: -0.0003}
    frames = [f._replace(t_s=f.t_s + swap.get(f.identifier, 0.0)) for f in plan.frames()]
    report = judge(sorted(frames, key=lambda each: each.t_s))
    (error,) = report.of(Severity.ERROR)
    assert (error.rule, error.side) == ("order of frames", "charger")
    assert error.count > 100


def test_100_after_102_is_an_error(judge, plan):
    late = [f._replace(t_s=f.t_s + 0.025) if f.identifier == 0x100 else f for f in plan.frames()]
    report = judge(sorted(late, key=lambda each: each.t_s))
    assert ("vehicle", "order of frames") in found(report)


def test_the_charger_must_not_speak_first(judge, plan):
    silent = lost(VEHICLE_FRAMES, 0.0, 0.6)
    report = judge(plan, charger_starts=0.0, tweak=silent)
    assert ("charger", "who speaks first") in found(report)


def test_enabling_before_the_charger_answers_is_an_error(judge, plan):
    report = judge(plan, charger_starts=0.5, enable=0.0)
    assert ("vehicle", "enabled before the charger answered") in found(report)


def test_a_charger_that_falls_silent_in_transfer_is_lost_and_the_vehicle_must_stop(judge, plan):
    report = judge(plan, tweak=lost(CHARGER_FRAMES, 6.0, 99.0))
    assert ("charger", "CAN lost") in found(report)
    assert ("vehicle", "reaction to CAN loss") in found(report)
    assert "the charger fell silent" in report.outcome


def test_a_vehicle_that_stops_when_the_charger_is_lost_reacts_right(judge, plan):
    gone = lost(CHARGER_FRAMES, 6.0, 99.0)
    stops = tweak(VehicleStatus, 7.2, 99.0, enabled=False, current_request_a=0)
    report = judge(plan, tweak=lambda t, m: gone(t, stops(t, m)))
    assert ("charger", "CAN lost") in found(report)
    assert ("vehicle", "reaction to CAN loss") not in found(report)


def test_a_charger_that_goes_on_without_the_vehicle_is_found(judge, plan):
    report = judge(plan, tweak=lost(VEHICLE_FRAMES, 6.0, 99.0))
    assert {("vehicle", "CAN lost"), ("charger", "reaction to CAN loss")} <= found(report)


def test_silence_of_one_side_after_the_session_is_no_loss(judge, plan):
    assert judge(plan, charger_ends=14.0).verdict is Verdict.SOUND


@pytest.mark.parametrize("change", [{"data": b"\x02"}, {"data": b"", "remote": True}])
def test_a_frame_of_another_length_is_an_error(judge, plan, change):
    frames = plan.frames()
    at = next(n for n, f in enumerate(frames) if f.identifier == 0x102 and f.t_s > 103)
    frames[at] = frames[at]._replace(**change)
    assert ("vehicle", "length of 0x102") in found(judge(frames))


def test_frames_with_29_bit_identifiers_are_not_chademo(judge, plan):
    junk = [f._replace(extended=True, data=b"\xff" * 8) for f in plan.frames()]
    mixed = sorted([*plan.frames(), *junk], key=lambda each: each.t_s)
    assert judge(mixed).verdict is Verdict.SOUND


def test_a_vehicle_may_follow_the_chargers_version_up(judge, plan):
    low = tweak(VehicleStatus, 0.0, 0.4, protocol=1)
    report = judge(plan, tweak=low)
    assert ("vehicle", "protocol") in found(report, Severity.NOTE)
    assert not report.of(Severity.ERROR)


def test_with_a_0_9_charger_the_contactor_bit_means_nothing(judge, plan):
    report = judge(
        plan, charger_protocol=1, tweak=tweak(ChargerCapability, weld_detection_support=0)
    )
    assert not report.of(Severity.ERROR)
    names = [each.name for each in report.phases]
    assert PhaseName.REQUESTED in names
    assert PhaseName.OPENED not in names


def test_in_high_current_mode_the_ramp_is_that_of_the_extended_request(judge, plan):
    def high(amps):
        def change(t, message):
            on = isinstance(message, VehicleStatus) and message.current_request_a > 0
            return replace(message, current_request_a=255) if on else message

        def extension(t):
            asked = min(amps * max(round((t - 4.5) * 10) + 1, 0), 300)
            yield VehicleExtension(high_current_control=True, extended_current_request_a=asked)

        def answer(_t):
            yield ChargerExtension(high_current_control=True)

        wide = replace(plan, vehicle_protocol=3, charger_protocol=3, tweak=change)
        return judge(wide.with_extensions(extension, answer))

    slow = high(2)
    assert slow.version == "2.0"
    assert not slow.of(Severity.ERROR)
    assert ("vehicle", "high current") in found(slow, Severity.NOTE)
    assert ("vehicle", "request ramp") in found(high(4))


def test_a_charger_fault_must_be_obeyed(judge, plan):
    fault = tweak(ChargerStatus, 2.6, 9.0, system_malfunction=True)
    report = judge(later(plan, "close", 5.0), tweak=fault)
    assert ("vehicle", "deadline: obey fault") in found(report)
    assert "the charger reported a fault" in report.outcome


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


def test_vehicle_alone_is_a_missing_answer(judge, plan):
    report = judge([f for f in plan.frames() if f.identifier in {0x100, 0x101, 0x102}])
    assert ("charger", "deadline: answer") in found(report)
    assert report.charger is None


def test_too_little_of_one_side_is_inconclusive(judge, plan):
    few = [f for f in plan.frames() if f.t_s < plan.start + 0.2]
    assert judge(few).verdict is Verdict.INCONCLUSIVE


def test_findings_can_be_asked_for_while_the_session_runs(plan):
    checker = SessionChecker()
    late = lost(CHARGER_FRAMES, 0.0, 99.0)
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


def test_limits_are_parameters(plan):
    checker = SessionChecker(Limits(enable_s=1.0))
    for frame in plan.frames():
        checker.feed(frame)
    assert ("vehicle", "deadline: enable") in found(checker.finish())


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


@pytest.mark.parametrize("at", [0, 3, 400, 430, 700, 900, 905, -1])
def test_no_single_lost_frame_makes_a_sound_session_fall_short(judge, plan, at):
    frames = plan.frames()
    del frames[at]
    assert judge(frames).verdict.held
