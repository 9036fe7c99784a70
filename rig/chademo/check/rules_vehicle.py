"""Flags and values of the vehicle that must fit together (facts: sections 2.1 to 2.3, 4.1)."""

from __future__ import annotations

from rig.chademo.check.case import Case, Rule
from rig.chademo.check.happening import Happening
from rig.chademo.frames import (
    VEHICLE_FAULTS,
    BatteryLimits,
    ChargeTimes,
    Message,
    Side,
    VehicleStatus,
    has_vehicle_fault,
)

__all__ = ["VehicleRule"]

_V = Side.VEHICLE


class VehicleRule(Rule):
    """Judges 0x100, 0x101 and 0x102."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._early = case.lasting_error(
            "enabled before the charger answered",
            _V,
            case.limits.same_cycle_s,
            "102.5.0 is 1 although the charger has not sent anything yet",
            "§6 #4-7",
        )
        self._charge_rate = case.lasting_error(
            "state of charge",
            _V,
            case.limits.can_loss_s,
            "102.6 is above its reference 100.6 while charging is enabled",
            "§2.1",
        )

        self._closed_at_rest = case.lasting_error(
            "contactor at rest",
            _V,
            case.limits.can_loss_s,
            "102.5.3 says closed although charging has not been enabled yet",
            "§2.3",
        )

    def changed(self, new: Message, old: Message | None) -> None:
        """Judge a frame of the vehicle."""
        t_s, bus = self.case.bus.t_s, self.case.bus
        begun = self.case.done(Happening.ENABLED) or self.case.done(Happening.INSIDE)
        closed = self.case.knows_contactor and not bus.vehicle.contactor_open
        self._closed_at_rest.judge(t_s, holds=closed and not begun)
        self._early.judge(t_s, holds=bus.vehicle.enabled and not bus.talks(Side.CHARGER))
        percent = bus.charge_percent
        above = bus.vehicle.enabled and percent is not None and percent > 100.0
        self._charge_rate.judge(t_s, holds=above)
        if isinstance(new, VehicleStatus):
            self._flags(new)
            if isinstance(old, VehicleStatus):
                self._contactor(new, old)
                self._changes(new, old)
        elif isinstance(new, BatteryLimits) and isinstance(old, BatteryLimits):
            self._limits(new, old)
        elif isinstance(new, ChargeTimes) and isinstance(old, ChargeTimes):
            self._times(new, old)

    def happened(self, what: Happening) -> None:
        """Judge what must be settled at a step."""
        case, bus = self.case, self.case.bus
        if what is Happening.ENABLED and not case.done(Happening.INSIDE):
            self._parameters()
        elif what is Happening.OPENED:
            self._opened()
        elif what is Happening.NOT_PARKED:
            case.note(
                "not in park",
                _V,
                "102.5.1 is set while 102.5.0 stays 1; the vehicle drops its permission then",
                "§2.3",
            )
        elif what is Happening.VEHICLE_FAULT:
            names = [text for name, text in VEHICLE_FAULTS.items() if getattr(bus.vehicle, name)]
            case.note("fault", _V, f"the vehicle reports: {', '.join(names)}", "§4.1")

    def _flags(self, new: VehicleStatus) -> None:
        case, request_a = self.case, self.case.bus.request_a
        if request_a and not new.enabled:
            case.error(
                "request without enable",
                _V,
                f"102.3 asks for {request_a} A with 102.5.0 = 0; both go to 0 in one frame",
                "§2.3, §8.1",
            )
        if request_a and new.enabled and case.knows_contactor and new.contactor_open:
            case.error(
                "request with open contactor",
                _V,
                f"102.3 asks for {request_a} A with 102.5.3 = 1",
                "§6 #12-14",
            )
        if has_vehicle_fault(new) and new.enabled:
            case.error(
                "fault without stop",
                _V,
                "a fault is set and 102.5.0 stays 1; it goes to 0 in the same cycle",
                "§4.1",
            )

    def _contactor(self, new: VehicleStatus, old: VehicleStatus) -> None:
        closes = old.contactor_open and not new.contactor_open
        if closes and not new.enabled and self.case.knows_contactor:
            self.case.error(
                "contactor without enable", _V, "the contactor closes with 102.5.0 = 0", "§6 #12"
            )

    def _changes(self, new: VehicleStatus, old: VehicleStatus) -> None:
        case = self.case
        if new.enabled and not old.enabled and case.done(Happening.DISABLED):
            case.error(
                "enabled again", _V, "102.5.0 comes back without a new session", "§2.3, §8.2"
            )
        if new.discharge_compatible != old.discharge_compatible:
            what = "appears later" if new.discharge_compatible else "is withdrawn"
            case.note("discharge compatible", _V, f"102.5.7 {what}", "§2.3")
        if new.target_voltage_v != old.target_voltage_v and case.done(Happening.CLOSED):
            case.note(
                "target voltage",
                _V,
                f"the target goes from {old.target_voltage_v} to {new.target_voltage_v} V after"
                " the contactor closed; some vehicles do",
                "§2.3",
            )
        if new.protocol != old.protocol:
            self._protocol(new, old)

    def _protocol(self, new: VehicleStatus, old: VehicleStatus) -> None:
        told = f"102.0 goes from {old.protocol} to {new.protocol}"
        follows = new.protocol > old.protocol and self.case.bus.charger.protocol > old.protocol
        if follows and not self.case.done(Happening.ENABLED):
            self.case.note("protocol", _V, f"{told} once the charger shows more", "§5.1")
        else:
            self.case.error("protocol", _V, told, "§5.1")

    def _limits(self, new: BatteryLimits, old: BatteryLimits) -> None:
        if new.max_battery_voltage_v != old.max_battery_voltage_v and self.case.closed:
            self.case.note(
                "battery limit",
                _V,
                f"100.4-5 goes from {old.max_battery_voltage_v} to {new.max_battery_voltage_v} V"
                " after the contactor closed",
                "§9.2",
            )

    def _times(self, new: ChargeTimes, old: ChargeTimes) -> None:
        fixed = self.case.done(Happening.ENABLED)
        if fixed and new.total_capacity_100wh != old.total_capacity_100wh:
            self.case.note("capacity", _V, "101.5-6 changes after charging was enabled", "§2.2")

    def _parameters(self) -> None:
        case, bus = self.case, self.case.bus
        target_v, most_v = bus.vehicle.target_voltage_v, bus.limits.max_battery_voltage_v
        if not target_v or not most_v:
            case.error(
                "parameters",
                _V,
                f"charging is enabled with target {target_v} V and battery limit {most_v} V",
                "§6 #5-7",
            )
        elif target_v > most_v:
            case.note(
                "parameters", _V, f"target {target_v} V above battery limit {most_v} V", "§2.1"
            )
        if case.knows_contactor and not bus.vehicle.contactor_open:
            case.error(
                "contactor at enable", _V, "102.5.3 says closed when charging is enabled", "§2.3"
            )

    def _opened(self) -> None:
        case, bus = self.case, self.case.bus
        silent = case.done(Happening.CHARGER_SILENT) or self._status_is_lost()
        emergency = case.done(Happening.CHARGER_FAULT) or silent
        told = f"the contactor is open at {abs(bus.current_a)} A"
        if abs(bus.current_a) > case.limits.low_current_a:
            (case.note if emergency else case.error)("opened under load", _V, told, "§8.3, §8.4")
        elif bus.charger.charging and not emergency:
            case.error("order of the stop", _V, f"{told}, before 109.5.0 = 0", "§8.1, §8.3")

    def _status_is_lost(self) -> bool:
        """Say whether 0x109 alone has been missing for so long that it tells nothing any more."""
        bus = self.case.bus
        return bus.status_s is not None and bus.t_s - bus.status_s > self.case.limits.can_loss_s
