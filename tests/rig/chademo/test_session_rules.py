"""Flags and values that must fit together."""

from dataclasses import replace

import pytest

from rig.chademo.check import Severity, Verdict
from rig.chademo.frames import (
    BatteryLimits,
    ChargerCapability,
    ChargerStatus,
    DischargeCapability,
    DischargeLimits,
    EvpsEstimate,
    VehicleEstimate,
    VehicleStatus,
)

FLAGS = [
    (
        lambda s: s.tweak(VehicleStatus, 9.3, 9.4, current_request_a=14),
        "vehicle",
        "request without enable",
    ),
    (
        lambda s: s.tweak(VehicleStatus, 3.0, 3.3, current_request_a=2),
        "vehicle",
        "request with open contactor",
    ),
    (
        lambda s: s.tweak(VehicleStatus, 6.0, 6.5, fault_over_temperature=True),
        "vehicle",
        "fault without stop",
    ),
    (
        lambda s: s.tweak(VehicleStatus, 6.0, 6.5, system_fault=True),
        "vehicle",
        "fault without stop",
    ),
    (
        lambda s: s.tweak(VehicleStatus, 1.0, 1.2, contactor_open=False),
        "vehicle",
        "contactor without enable",
    ),
    (
        lambda s: s.tweak(VehicleStatus, 0.0, 2.4, contactor_open=False),
        "vehicle",
        "contactor at enable",
    ),
    (lambda s: s.tweak(VehicleStatus, 9.8, 10.0, enabled=True), "vehicle", "enabled again"),
    (lambda s: s.tweak(VehicleStatus, 6.0, protocol=1), "vehicle", "protocol"),
    (lambda s: s.tweak(VehicleStatus, charge_rate=120), "vehicle", "state of charge"),
    (lambda s: s.tweak(VehicleStatus, target_voltage_v=0), "vehicle", "parameters"),
    (
        lambda s: s.tweak(VehicleStatus, 6.0, 6.3, contactor_open=True),
        "vehicle",
        "opened under load",
    ),
    (lambda s: s.tweak(VehicleStatus, 9.3, contactor_open=True), "vehicle", "order of the stop"),
    (lambda s: s.tweak(VehicleStatus, target_voltage_v=600), "charger", "battery incompatible"),
    (
        lambda s: s.tweak(VehicleStatus, 1.0, 1.5, stop_before_charge=True),
        "charger",
        "start of transfer",
    ),
    (lambda s: s.tweak(ChargerStatus, 4.7, 4.9, stop_control=True), "charger", "start of transfer"),
    (lambda s: s.tweak(ChargerStatus, 3.6, 4.7, charging=True), "charger", "start of transfer"),
    (lambda s: s.tweak(ChargerStatus, 2.5, 2.7, stop_control=False), "charger", "stop control"),
    (lambda s: s.tweak(ChargerStatus, 0.0, 0.3, stop_control=False), "charger", "first frame"),
    (
        lambda s: s.tweak(ChargerStatus, 6.0, 6.2, charger_malfunction=True),
        "charger",
        "fault without stop",
    ),
    (lambda s: s.tweak(ChargerStatus, 1.0, 1.4, energizing=True), "charger", "lock without enable"),
    (lambda s: s.tweak(ChargerStatus, 10.0, energizing=False), "charger", "unlocked under voltage"),
    (lambda s: s.tweak(ChargerStatus, 9.1, charging=False), "charger", "cleared under load"),
    (lambda s: s.tweak(ChargerStatus, 3.0, 3.2, current_a=3), "charger", "current before transfer"),
    (lambda s: s.tweak(ChargerStatus, 1.0, 1.5, voltage_v=400), "charger", "voltage before enable"),
    (lambda s: s.tweak(ChargerStatus, 5.0, 6.2, voltage_v=440), "charger", "output over threshold"),
    (lambda s: s.tweak(ChargerStatus, 6.0, protocol=1), "charger", "protocol"),
    (
        lambda s: s.tweak(VehicleStatus, 0.0, 1.8, contactor_open=False),
        "vehicle",
        "contactor at rest",
    ),
    (
        lambda s: s.tweak(ChargerStatus, 2.3, 2.4, energizing=False),
        "charger",
        "unlock while enabled",
    ),
    (lambda s: s.tweak(ChargerStatus, 2.3, 2.4, energizing=False), "charger", "locked again"),
    (lambda s: s.tweak(ChargerStatus, 6.6, 6.9, current_a=5), "charger", "both directions"),
    (
        lambda s: s.tweak(ChargerStatus, 3.0, 4.0, energizing=False),
        "charger",
        "contactor without lock",
    ),
    (
        lambda s: s.tweak(VehicleStatus, 11.0, contactor_open=False),
        "charger",
        "order of the unlock",
    ),
    (
        lambda s: s.tweak(ChargerCapability, 6.0, available_voltage_v=450),
        "charger",
        "available voltage",
    ),
    (lambda s: s.tweak(ChargerCapability, 6.0, threshold_voltage_v=420), "charger", "threshold"),
    (lambda s: s.tweak(ChargerCapability, threshold_voltage_v=480), "charger", "threshold"),
    (lambda s: s.tweak(ChargerCapability, weld_detection_support=0), "charger", "weld detection"),
    (
        lambda s: s.tweak(ChargerCapability, 6.0, available_current_a=4),
        "vehicle",
        "request above available current",
    ),
    (
        lambda s: s.tweak(DischargeLimits, 1.0, max_discharge_current_a=4),
        "vehicle",
        "discharge limit",
    ),
    (
        lambda s: s.tweak(DischargeLimits, 9.2, max_discharge_current_a=15),
        "vehicle",
        "discharge limit",
    ),
    (
        lambda s: s.tweak(DischargeLimits, 7.0, min_discharge_voltage_v=270),
        "vehicle",
        "discharge voltage",
    ),
    (
        lambda s: s.tweak(DischargeLimits, 6.0, max_discharge_current_a=0),
        "charger",
        "discharge without permission",
    ),
    (
        lambda s: s.tweak(VehicleStatus, discharge_compatible=False),
        "charger",
        "discharge without permission",
    ),
    (
        lambda s: s.tweak(DischargeCapability, available_input_current_a=5),
        "charger",
        "discharge above own limit",
    ),
    (lambda s: s.lost(DischargeCapability, 0, 99), "charger", "discharge frames"),
    (lambda s: s.lost(EvpsEstimate, 0, 99), "charger", "discharge frames"),
    (lambda s: s.lost(DischargeLimits, 0, 99), "vehicle", "discharge frames"),
    (lambda s: s.lost(BatteryLimits, 0, 99), "vehicle", "missing frames"),
    (lambda s: s.lost(ChargerCapability, 0, 99), "charger", "missing frames"),
    (lambda s: s.lost(EvpsEstimate, 6.0, 99), "charger", "period of 0x209: gap"),
    (lambda s: s.tweak(ChargerStatus, 6.0, 6.1, stop_control=True), "charger", "stop withdrawn"),
    (lambda s: s.tweak(VehicleStatus, not_in_park=True), "charger", "start of transfer"),
    (lambda s: s.lost(BatteryLimits, 6.0, 6.2), "vehicle", "period of 0x100: gap"),
]


@pytest.mark.parametrize(("change", "side", "rule"), FLAGS)
def test_flags_and_values_that_do_not_fit_together_are_found(
    spoil, judge, plan, change, side, rule
):
    report = judge(plan, tweak=change(spoil))
    assert (side, rule) in spoil.found(report)
    assert report.verdict is Verdict.UNSOUND


NOTES = [
    (lambda s: s.tweak(VehicleStatus, 6.0, target_voltage_v=405), "vehicle", "target voltage"),
    (
        lambda s: s.tweak(VehicleStatus, 1.0, 1.5, discharge_compatible=False),
        "vehicle",
        "discharge compatible",
    ),
    (lambda s: s.tweak(VehicleStatus, 8.9, 9.3, not_in_park=True), "vehicle", "not in park"),
    (lambda s: s.tweak(ChargerStatus, 2.0, 3.0, energizing=False), "charger", "energizing"),
    (lambda s: s.tweak(ChargerStatus, 2.4, 3.5, voltage_v=470), "charger", "voltage at closing"),
    (lambda s: s.tweak(ChargerStatus, 2.4, 3.0, voltage_v=0), "charger", "insulation test"),
    (lambda s: s.tweak(ChargerStatus, 6.0, 6.1, current_a=29), "charger", "overshoot"),
    (lambda s: s.tweak(ChargerCapability, threshold_voltage_v=400), "charger", "threshold"),
    (
        lambda s: s.tweak(ChargerCapability, 6, available_current_a=30),
        "charger",
        "available current rises",
    ),
    (
        lambda s: s.tweak(ChargerStatus, 4.7, 9.4, remaining_time_min=80),
        "charger",
        "remaining time at start",
    ),
    (
        lambda s: s.tweak(ChargerStatus, 4.7, remaining_time_10s=215, remaining_time_min=36),
        "charger",
        "remaining time fields",
    ),
    (lambda s: s.lost(VehicleEstimate, 0, 99), "vehicle", "sequence number"),
    (lambda s: s.lost(ChargerStatus, 6.0, 6.1), "charger", "period of 0x109: lost frame"),
]


@pytest.mark.parametrize(("change", "side", "rule"), NOTES)
def test_deviations_known_from_sound_sessions_are_notes(spoil, judge, plan, change, side, rule):
    report = judge(plan, tweak=change(spoil))
    assert (side, rule) in spoil.found(report, Severity.NOTE)
    assert report.verdict is Verdict.NOTED


@pytest.mark.parametrize(("lost_from", "wrong"), [(9.0, False), (10.5, False), (99.0, True)])
def test_a_vehicle_opens_without_the_word_of_a_charger_that_has_said_none_for_a_second(
    spoil, judge, plan, lost_from, wrong
):
    """109.5.0 = 1 was the last word: as old as it is, it binds nobody."""

    def change(t, message):
        if not isinstance(message, ChargerStatus):
            return message
        return None if t >= lost_from else spoil.tweak(ChargerStatus, charging=True)(t, message)

    report = judge(plan, tweak=change)
    silent_s = plan.open - lost_from
    found = ("vehicle", "order of the stop") in spoil.found(report)
    assert found is (wrong or silent_s < 1.0)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda s: s.tweak(ChargerStatus, 2.5, 2.7, stop_control=False),
            {("charger", "stop control")},
        ),
        (
            lambda s: s.tweak(ChargerStatus, 0.0, 0.3, stop_control=False),
            {("charger", "first frame"), ("charger", "stop control")},
        ),
        (
            lambda s: s.tweak(VehicleStatus, 6.0, 6.3, contactor_open=True),
            {
                ("vehicle", "opened under load"),
                ("vehicle", "request with open contactor"),
                ("vehicle", "discharge limit"),
            },
        ),
        (
            lambda s: s.lost(BatteryLimits, 0, 99),
            {("vehicle", "missing frames"), ("vehicle", "parameters")},
        ),
        (lambda s: s.lost(ChargerCapability, 0, 99), {("charger", "missing frames")}),
    ],
)
def test_what_one_side_does_wrong_is_not_held_against_the_other(spoil, judge, plan, change, found):
    assert spoil.found(judge(plan, tweak=change(spoil))) == found


def test_a_charger_that_hears_nothing_more_may_stop_without_a_fault_bit(spoil, judge, plan):
    silent = spoil.lost(spoil.VEHICLE_FRAMES, 6.0, 99)
    stop = replace(
        plan, discharge=50.0, discharge_over=51.0, tweak=silent, charger_ends=9.0,
        stop=7.1, low_current=7.3, clear=7.4, fall=7.6, unlock=8.2,
    )  # fmt: skip
    report = judge(stop)
    assert spoil.found(report) == {("vehicle", "CAN lost")}
    assert report.outcome.endswith("ended because the vehicle fell silent")
