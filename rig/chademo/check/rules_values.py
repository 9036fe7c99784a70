"""What the charger offers, measures and counts down (facts: sections 2.6 and 2.7)."""

from __future__ import annotations

from math import inf

from rig.chademo.check.case import Case, Rule
from rig.chademo.check.happening import Happening
from rig.chademo.frames import (
    V1,
    ChargerCapability,
    ChargerStatus,
    Message,
    Side,
    max_charge_time_s,
    remaining_time_s,
)

__all__ = ["ChargerValuesRule"]

_C = Side.CHARGER
_USE_MINUTES = 255
_MINUTE_S = 60


class ChargerValuesRule(Rule):
    """Judges 0x108, and the measured and counted values of 0x109."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._most_a: int | None = None
        self._over_threshold = case.lasting_error(
            "output over threshold",
            _C,
            case.limits.can_loss_s,
            "the output is above the charger's own threshold (108.4-5) and transfer goes on",
            "§4.3",
        )

    def changed(self, new: Message, old: Message | None) -> None:
        """Judge a frame of the charger."""
        if isinstance(new, ChargerCapability):
            self._offered(new.available_current_a)
            if isinstance(old, ChargerCapability):
                self._capability(new, old)
        elif isinstance(new, ChargerStatus):
            self._threshold(new)
            self._time_fields(new)
            if isinstance(old, ChargerStatus):
                self._remaining(new, old)

    def happened(self, what: Happening) -> None:
        """Judge what must be settled at a step; an offer never made is missing, not wrong."""
        offers = ChargerCapability.IDENTIFIER in self.case.bus.seen
        if self.case.done(Happening.INSIDE) or not offers:
            return
        if what is Happening.ENABLED:
            self._offer()
        elif what is Happening.CLOSED:
            self._insulation()
            self._compatible("the vehicle's contactor closes")
        elif what is Happening.REQUESTED:
            self._threshold_value()
        elif what is Happening.TRANSFER:
            self._time_at_start()

    def _capability(self, new: ChargerCapability, old: ChargerCapability) -> None:
        case = self.case
        if new.available_voltage_v != old.available_voltage_v:
            case.error(
                "available voltage",
                _C,
                f"108.1-2 goes from {old.available_voltage_v} to {new.available_voltage_v} V; it is"
                " constant from the first frame",
                "§2.6",
            )
        moved = new.threshold_voltage_v != old.threshold_voltage_v
        if moved and case.done(Happening.REQUESTED):
            case.error(
                "threshold",
                _C,
                f"108.4-5 goes from {old.threshold_voltage_v} to {new.threshold_voltage_v} V after"
                " the first request",
                "§2.6",
            )

    def _offered(self, offered_a: int) -> None:
        if self._most_a is None:
            self._most_a = offered_a
        elif offered_a > self._most_a and not self.case.done(Happening.INSIDE):
            self.case.note(
                "available current rises",
                _C,
                f"108.3 says {offered_a} A, the first frame said {self._most_a} A, which is the"
                " most the hardware gives",
                "§2.6",
                size=offered_a,
            )

    def _threshold(self, new: ChargerStatus) -> None:
        threshold_v = self.case.bus.capability.threshold_voltage_v
        over = bool(threshold_v) and new.voltage_v > threshold_v
        transfers = new.charging and not new.stop_control and self.case.closed
        self._over_threshold.judge(self.case.bus.t_s, holds=over and transfers)

    def _remaining(self, new: ChargerStatus, old: ChargerStatus) -> None:
        case = self.case
        runs = new.charging and old.charging and not new.stop_control
        reset = case.bus.charger_extension.permit_reset_max_time
        if runs and not reset and remaining_time_s(new) > remaining_time_s(old):
            case.note("remaining time", _C, "109.6-7 rises during transfer", "§2.7")

    def _time_fields(self, new: ChargerStatus) -> None:
        tens, minutes = new.remaining_time_10s, new.remaining_time_min
        if tens not in {0, _USE_MINUTES} and minutes:
            self.case.note("remaining time fields", _C, "109.6 and 109.7 are both filled", "§2.2")

    def _offer(self) -> None:
        case, bus = self.case, self.case.bus
        least_a, offered_a = bus.limits.min_charge_current_a, bus.capability.available_current_a
        if offered_a < least_a and not bus.can_discharge:
            case.note(
                "available current",
                _C,
                f"{offered_a} A are offered, the vehicle takes {least_a} A at least",
                "§6 #5",
            )
        if (bus.version or 0) >= V1 and not bus.capability.weld_detection_support:
            case.error("weld detection", _C, "108.0 is 0; 1.x requires 1", "§2.6")

    def _compatible(self, when: str) -> None:
        case, bus = self.case, self.case.bus
        target_v, offered_v = bus.vehicle.target_voltage_v, bus.capability.available_voltage_v
        if target_v > offered_v:
            case.error(
                "battery incompatible",
                _C,
                f"{when} although the target is {target_v} V and {offered_v} V are offered;"
                " 109.5.3 is owed",
                "§2.7, §4.3",
            )

    def _insulation(self) -> None:
        case, voltage_v = self.case, self.case.bus.charger.voltage_v
        if not case.done(Happening.TEST_VOLTAGE):
            case.note("insulation test", _C, "0x109 shows no insulation test", "§6 #10")
        elif voltage_v > case.limits.test_over_v:
            case.note(
                "voltage at closing",
                _C,
                f"0x109 shows {voltage_v} V when the vehicle's contactor closes; less than 20 V"
                " are asked for, chargers behind a diode are known to show more",
                "§12 (9)",
            )

    def _threshold_value(self) -> None:
        case, bus = self.case, self.case.bus
        offered_v, most_v = bus.capability.available_voltage_v, bus.limits.max_battery_voltage_v
        threshold_v, right_v = bus.capability.threshold_voltage_v, min(offered_v, most_v or inf)
        if threshold_v > right_v:
            case.error(
                "threshold",
                _C,
                f"108.4-5 is {threshold_v} V at the first request, it must be {right_v} V:"
                " the lower of 100.4-5 and 108.1-2",
                "§2.6",
            )
        elif threshold_v < right_v and most_v:
            case.note("threshold", _C, f"108.4-5 is {threshold_v} V, not {right_v} V", "§2.6")

    def _time_at_start(self) -> None:
        bus = self.case.bus
        left_s, most_s = remaining_time_s(bus.charger), max_charge_time_s(bus.times)
        if abs(left_s - most_s) > 2 * _MINUTE_S:
            self.case.note(
                "remaining time at start",
                _C,
                f"109.6-7 starts at {left_s / 60:.0f} min, the vehicle's limit is"
                f" {most_s / 60:.0f} min",
                "§2.7",
            )
