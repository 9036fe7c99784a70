"""Requests, limits and currents."""

from dataclasses import replace

from rig.chademo.check import Severity, Verdict
from rig.chademo.frames import (
    ChargerCapability,
    ChargerExtension,
    ChargerStatus,
    DischargeCapability,
    DischargeLimits,
    VehicleEstimate,
    VehicleExtension,
    VehicleStatus,
)


def test_an_old_vehicle_may_start_with_a_discharge_limit(spoil, judge, plan):
    old = spoil.lost(VehicleEstimate, 0, 99)
    early = spoil.tweak(DischargeLimits, 0.0, 2.0, max_discharge_current_a=15)
    report = judge(plan, tweak=lambda t, m: early(t, m) if old(t, m) else None)
    assert ("vehicle", "discharge limit") in spoil.found(report, Severity.NOTE)
    assert not report.of(Severity.ERROR)


def steep(message):
    return min(message.current_request_a * 2, 14)


def test_a_request_that_rises_faster_than_20_a_per_s_is_an_error(spoil, judge, plan):
    report = judge(plan, tweak=spoil.tweak(VehicleStatus, current_request_a=steep))
    assert ("vehicle", "request ramp") in spoil.found(report)


def test_a_discharge_limit_that_jumps_is_an_error(spoil, judge, plan):
    jump = spoil.tweak(
        DischargeLimits,
        5.0,
        9.3,
        max_discharge_current_a=15,
    )
    assert ("vehicle", "discharge limit ramp") in spoil.found(judge(plan, tweak=jump))


def test_a_request_may_fall_at_once(spoil, judge, plan):
    pause = spoil.tweak(VehicleStatus, 6.0, current_request_a=0)
    assert not judge(plan, tweak=pause).of(Severity.ERROR)


def test_ten_amperes_too_much_for_five_seconds_is_over_supply(spoil, judge, plan):
    over = spoil.tweak(ChargerStatus, 5.5, 13.0, current_a=24)
    rules = spoil.found(judge(spoil.long_session(plan), tweak=over))
    assert ("charger", "over-supply") in rules
    assert ("vehicle", "over-supply not flagged") in rules


def test_ten_amperes_too_much_for_four_seconds_is_not(spoil, judge, plan):
    over = spoil.tweak(ChargerStatus, 5.5, 9.5, current_a=24)
    report = judge(spoil.long_session(plan), tweak=over)
    assert not report.of(Severity.ERROR)
    assert ("charger", "overshoot") in spoil.found(report, Severity.NOTE)


def test_nine_amperes_too_much_are_borne(spoil, judge, plan):
    over = spoil.tweak(ChargerStatus, 5.5, 13.0, current_a=23)
    assert not judge(spoil.long_session(plan), tweak=over).of(Severity.ERROR)


def test_ten_amperes_of_discharge_above_the_limit_for_five_seconds_are_over_discharge(
    spoil, judge, plan
):
    long = spoil.later(plan, "discharge_over", 7.0)
    over = spoil.tweak(DischargeCapability, 7.0, 14.0, discharge_current_a=25)
    rules = spoil.found(judge(long, tweak=over))
    assert {("charger", "over-discharge"), ("vehicle", "over-discharge not flagged")} <= rules


def test_turning_from_discharge_to_charge_within_a_cycle_is_right(spoil, judge, plan):
    # 0x109 is sent before 0x208: for a moment both show a current.
    turn = spoil.tweak(ChargerStatus, 8.0, 8.1, current_a=2)
    late = spoil.tweak(DischargeCapability, 8.0, 8.1, discharge_current_a=0)
    assert judge(plan, tweak=lambda t, m: late(t, turn(t, m))).verdict is Verdict.SOUND


def test_discharge_below_the_lowest_voltage_is_found(spoil, judge, plan):
    long = spoil.later(plan, "discharge_over", 7.0)
    low = spoil.tweak(ChargerStatus, 7.0, 14.0, voltage_v=249)
    assert ("charger", "discharge floor") in spoil.found(judge(long, tweak=low))


def test_discharge_at_the_floor_level_is_found(spoil, judge, plan):
    long = spoil.later(plan, "discharge_over", 7.0)
    report = judge(long, tweak=spoil.tweak(DischargeLimits, min_discharge_level=50))
    assert ("charger", "discharge floor") in spoil.found(report)


def test_charge_at_the_ceiling_level_is_found(spoil, judge, plan):
    report = judge(
        spoil.long_session(plan), tweak=spoil.tweak(DischargeLimits, max_charge_level=50)
    )
    assert ("charger", "charge ceiling") in spoil.found(report)


def test_a_short_supply_is_a_note_for_a_charger_that_cannot_take_back(spoil, judge, plan):
    change = spoil.tweak(ChargerStatus, current_a=0, discharge_compatible=False)
    wide = spoil.tweak(ChargerCapability, available_current_a=60)
    more = replace(spoil.long_session(plan), amps=30)
    report = judge(more, tweak=lambda t, m: wide(t, change(t, m)))
    assert ("charger", "under-supply") in spoil.found(report, Severity.NOTE)


def test_in_high_current_mode_the_ramp_is_that_of_the_extended_request(spoil, judge, plan):
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
    assert ("vehicle", "high current") in spoil.found(slow, Severity.NOTE)
    assert ("vehicle", "request ramp") in spoil.found(high(4))
