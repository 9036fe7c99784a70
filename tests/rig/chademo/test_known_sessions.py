"""Sessions with the oddities the facts tell of sound recordings that are not at hand."""

from dataclasses import replace

import pytest

from rig.chademo.check import Severity, Verdict
from rig.chademo.frames import (
    BatteryLimits,
    ChargerCapability,
    ChargerStatus,
    ChargeTimes,
    DischargeCapability,
    DischargeLimits,
    EvpsEstimate,
    LeafConstant,
    VehicleEstimate,
    VehicleExtension,
    VehicleStatus,
)


def newer_leaf(plan):
    """What a newer Leaf does differently, from a wall charger that cannot discharge (LOG-B)."""

    def change(t, message):  # noqa: PLR0911 - one answer for each kind of frame
        match message:
            case BatteryLimits():
                reference = 240 if t < 0.4 else 100
                return replace(message, min_charge_current_a=6, charge_rate_reference=reference)
            case ChargeTimes():
                return replace(message, total_capacity_100wh=500 if t < 0.7 else 354)
            case VehicleStatus() if t < 0.2:
                return replace(message, contactor_open=False)
            case VehicleStatus() if t >= 6.0 and message.enabled:
                return replace(message, current_request_a=min(message.current_request_a, 31))
            case DischargeLimits():
                return replace(message, max_discharge_current_a=0)
            case ChargerCapability():
                first = t < plan.charger_starts + 0.1
                return replace(
                    message,
                    available_current_a=118 if t < 6.0 else 31,
                    threshold_voltage_v=500 if first else 435,
                )
            case ChargerStatus():
                return charger(plan, t, message)
            case DischargeCapability() | EvpsEstimate():
                return None
        return message

    return replace(plan, tweak=change)


def charger(plan, t, message):
    """Energizing late, 470 V behind its diode, one overshoot, a slow way down to 5 A."""
    message = replace(message, discharge_compatible=False)
    if t < plan.test_over:
        message = replace(message, energizing=False)
    if plan.test <= t < plan.close:
        message = replace(message, voltage_v=470)
    if t == 5.0:
        message = replace(message, current_a=29)
    way_down = {9.0: 31, 9.1: 26, 9.2: 19, 9.3: 16, 9.4: 7}
    if round(t, 1) in way_down:
        message = replace(message, current_a=way_down[round(t, 1)])
    return None if t == 7.0 else message


@pytest.fixture
def ze1(plan):
    steps = replace(plan, amps=31, lock=3.0, low_current=9.5, clear=9.6, fall=9.6, request=4.6,
                    discharge=50.0, discharge_over=51.0, enable=2.3)  # fmt: skip
    return newer_leaf(steps)


def test_a_newer_leaf_on_a_plain_charger_is_sound_with_notes(judge, ze1):
    def more(_t):
        yield VehicleExtension(dynamic_control=True)
        yield LeafConstant(spare=0x010101)

    frames = ze1.with_extensions(more, lambda _t: iter(()))
    report = judge(frames)
    assert report.of(Severity.ERROR) == ()
    assert report.verdict is Verdict.NOTED
    assert report.vehicle.name == "Nissan Leaf 40/62 kWh (ZE1)"
    assert report.charger.name == "charger"
    rules = {each.rule for each in report.findings}
    assert {"voltage at closing", "energizing", "overshoot", "frame 0x110"} <= rules
    assert "period of 0x109: lost frame" in rules


def old_charger(plan):
    """A 0.9 charger that sends discharge frames without meaning it (LOG-C)."""

    def change(_t, message):  # noqa: PLR0911 - one answer for each kind of frame
        match message:
            case BatteryLimits():
                return replace(message, charge_rate_reference=255)
            case ChargeTimes():
                return ChargeTimes(max_charge_time_10s=228)
            case VehicleStatus():
                request_a = 115 if message.current_request_a else 0
                return replace(
                    message, contactor_open=False, charge_rate=143, current_request_a=request_a
                )
            case DischargeLimits():
                return replace(
                    message, max_discharge_current_a=0, min_discharge_level=26, max_charge_level=255
                )
            case ChargerCapability():
                return replace(message, weld_detection_support=0, available_current_a=135)
            case ChargerStatus():
                transfers = message.charging and not message.stop_control
                return replace(
                    message,
                    current_a=100 if transfers else message.current_a,
                    remaining_time_10s=215,
                    remaining_time_min=36,
                )
            case DischargeCapability():
                return replace(
                    message, available_input_current_a=0, available_input_voltage_v=170,
                    lower_threshold_voltage_v=170, discharge_current_a=0,
                )  # fmt: skip
            case EvpsEstimate() | VehicleEstimate():
                return replace(message, sequence=1 if isinstance(message, EvpsEstimate) else 2)
        return message

    return replace(plan, charger_protocol=1, tweak=change, discharge=50.0, discharge_over=51.0)


def test_a_newer_leaf_on_a_0_9_charger_is_sound_with_notes_from_mid_charge(judge, plan):
    frames = old_charger(plan).frames()
    report = judge([f for f in frames if plan.start + 6.0 < f.t_s < plan.start + 8.8])
    assert report.of(Severity.ERROR) == ()
    assert (report.version, report.verdict) == ("0.9", Verdict.NOTED)
    assert report.charger.because.endswith("charging only")
    rules = {each.rule for each in report.findings}
    assert rules == {"start", "end", "remaining time fields"}


@pytest.mark.parametrize(
    ("bits", "name"),
    [
        ({"charger_malfunction": True}, "charger malfunction"),
        ({"battery_incompatible": True}, "battery incompatible"),
        ({"system_malfunction": True}, "charging-system malfunction"),
    ],
)
def test_a_charger_that_fails_and_a_vehicle_that_obeys_keep_to_the_rules(judge, plan, bits, name):
    """109.5 goes 05 to 27 or 35, then as in a normal stop, the fault staying set."""

    def change(t, message):
        faulty = isinstance(message, ChargerStatus) and t >= plan.stop
        return replace(message, **bits) if faulty else message

    report = judge(plan, tweak=change)
    assert report.verdict is Verdict.NOTED
    (note,) = report.findings
    assert name in note.message
    assert "the charger reported a fault" in report.outcome


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("fault_over_voltage", "battery over-voltage"),
        ("fault_current_deviation", "current deviation"),
        ("system_fault", "charging system fault"),
    ],
)
def test_a_vehicle_that_fails_and_stops_in_the_same_cycle_keeps_to_the_rules(
    judge, plan, fault, name
):
    def change(t, message):
        faulty = isinstance(message, VehicleStatus) and t >= 8.9
        return replace(message, **{fault: True}) if faulty else message

    report = judge(plan, disable=8.9, tweak=change)
    assert report.verdict is Verdict.NOTED
    (note,) = report.findings
    assert name in note.message
    assert "the vehicle reported a fault" in report.outcome
