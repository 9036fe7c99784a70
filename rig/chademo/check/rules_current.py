"""What flows, against what was asked for and allowed (facts: sections 4.1, 6 and 7)."""

from __future__ import annotations

from rig.chademo.check.case import Case, Rule
from rig.chademo.check.happening import Happening
from rig.chademo.check.slew import Slew
from rig.chademo.frames import (
    ChargerCapability,
    ChargerStatus,
    Message,
    Side,
    VehicleExtension,
    VehicleStatus,
)

__all__ = ["ChargeCurrentRule"]

_V, _C = Side.VEHICLE, Side.CHARGER


class ChargeCurrentRule(Rule):
    """Judges request and current into the vehicle."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        limits = case.limits
        self._request, self._delivered = Slew(limits.slew_a_per_s), Slew(limits.slew_a_per_s)
        self._above_offer = case.lasting_error(
            "request above available current",
            _V,
            limits.follow_down_s,
            "102.3 stays above 108.3; the vehicle follows it down at once",
            "§2.3, §7",
        )
        self._over = case.lasting_error(
            "over-supply",
            _C,
            limits.deviation_s,
            "the current has been 10 A or more above the request for 5 s",
            "§4.1",
        )
        self._not_flagged = case.lasting_error(
            "over-supply not flagged",
            _V,
            limits.deviation_s + limits.flag_fault_s,
            "the current is 10 A or more above the request and 102.4.2 is not set",
            "§4.1",
        )
        self._idle = case.lasting_error(
            "first current",
            _C,
            limits.first_current_s,
            "no current has flowed 4 s after the start of the transfer, although it was asked for"
            " and offered",
            "§6 #16, §8.5",
        )
        self._under = case.lasting_note(
            "under-supply",
            _C,
            limits.deviation_s,
            "the current has been 20 A or more below the request for 5 s; vehicles may take it"
            " for a fault, a lower 108.3 would say it",
            "§12 (17)",
        )

    def changed(self, new: Message, old: Message | None) -> None:
        """Judge a frame that bears on the charge current."""
        bus, limits = self.case.bus, self.case.limits
        if isinstance(new, VehicleStatus | VehicleExtension):
            self._ramp(new)
        if isinstance(new, ChargerStatus):
            self._delivery(new)
        if bus.high_current:
            self._tell_high_current()
        comparable = bus.talks(_C) and not bus.high_current
        offers = ChargerCapability.IDENTIFIER in bus.seen
        above = comparable and offers and bus.request_a > bus.capability.available_current_a
        transfers = comparable and bus.charger.charging and not bus.charger.stop_control
        self._above_offer.judge(bus.t_s, holds=above)
        over = bus.charger.current_a - bus.request_a >= limits.deviation_a and transfers
        self._over.judge(bus.t_s, holds=over)
        flagged = bus.vehicle.fault_current_deviation
        self._not_flagged.judge(bus.t_s, holds=over and not flagged)
        self._under.judge(bus.t_s, holds=transfers and self._is_short())
        self._idle.judge(bus.t_s, holds=transfers and self._never_flowed())

    def _tell_high_current(self) -> None:
        self.case.note(
            "high current",
            _V,
            f"the request is {self.case.bus.request_a} A by 110.1-2; where the charger then states"
            " its own current is not known, so that only the ramp is judged",
            "§2.5, §11.2 (5)",
            size=self.case.bus.request_a,
        )

    def _is_short(self) -> bool:
        due_a = self._due_a()
        return due_a - self.case.bus.charger.current_a >= self.case.limits.under_supply_a

    def _never_flowed(self) -> bool:
        flowed = self.case.done(Happening.CURRENT) or self.case.done(Happening.INSIDE)
        return not flowed and self._due_a() > 0

    def _due_a(self) -> int:
        """Return the current owed to the vehicle; one that can be discharged is owed none."""
        bus = self.case.bus
        if bus.intake.discharge_current_a > 0 or bus.can_discharge:
            return 0
        return min(bus.request_a, bus.capability.available_current_a)

    def _ramp(self, new: VehicleStatus | VehicleExtension) -> None:
        case, bus = self.case, self.case.bus
        excess_a = self._request.excess_a(bus.request_a, bus.t_s, bus.gap_s)
        if excess_a > case.limits.slew_slack_a:
            case.error(
                "request ramp",
                _V,
                f"the request rises to {bus.request_a} A, {excess_a:.1f} A above a ramp of 20 A/s",
                "§6 #14",
            )

    def _delivery(self, new: ChargerStatus) -> None:
        case, bus = self.case, self.case.bus
        excess_a = self._delivered.excess_a(new.current_a, bus.t_s, bus.gap_s)
        transfers = new.charging and not new.stop_control and bus.vehicle.enabled
        transfers = transfers and not bus.high_current
        if excess_a > case.limits.slew_slack_a and transfers:
            case.note(
                "current ramp",
                _C,
                f"the current rises to {new.current_a} A, {excess_a:.1f} A above a ramp of 20 A/s",
                "§6 #16",
                size=excess_a,
            )
        beyond_a = new.current_a - bus.request_a
        if transfers and beyond_a > case.limits.overshoot_a:
            case.note(
                "overshoot",
                _C,
                f"{new.current_a} A at a request of {bus.request_a} A; 10 A for 5 s would be a"
                " fault",
                "§4.1, §6 #16",
                size=beyond_a,
            )
