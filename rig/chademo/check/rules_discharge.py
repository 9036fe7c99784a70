"""Discharge: announced, permitted and within its limits (facts: sections 2.9 to 2.13, 5.2, 7)."""

from __future__ import annotations

from rig.chademo.check.case import Case, Rule
from rig.chademo.check.happening import Happening
from rig.chademo.check.slew import Slew
from rig.chademo.check.timers import Lasting
from rig.chademo.frames import (
    DischargeLimits,
    Message,
    Side,
    discharge_window,
)

__all__ = ["DischargeRule"]

_V, _C = Side.VEHICLE, Side.CHARGER


class DischargeRule(Rule):
    """Judges current out of the vehicle, and its limit."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        limits = case.limits
        self._limit_ramp = Slew(limits.slew_a_per_s)
        self._offered = Lasting(
            case.timers, "discharge limit at rest", limits.same_cycle_s, self._not_at_rest
        )
        self._over = case.lasting_error(
            "over-discharge",
            _C,
            limits.deviation_s,
            "the discharge current has been 10 A or more above the limit (200.0) for 5 s",
            "§4.1",
        )
        self._not_flagged = case.lasting_error(
            "over-discharge not flagged",
            _V,
            limits.deviation_s + limits.flag_fault_s,
            "the discharge current is 10 A or more above the limit and 102.4.2 is not set",
            "§4.1",
        )
        self._unpermitted = case.lasting_error(
            "discharge without permission",
            _C,
            limits.follow_down_s,
            "current is drawn from the vehicle, which permits none",
            "§5.2",
        )
        self._too_much = case.lasting_error(
            "discharge above own limit",
            _C,
            limits.follow_down_s,
            "more current is drawn than the EVPS says it can take (208.3)",
            "§7",
        )
        self._both_ways = case.lasting_error(
            "both directions",
            _C,
            limits.same_cycle_s,
            "current flows into the vehicle (109.3) and out of it (208.0) at once",
            "§7",
        )
        self._floor = case.lasting_error(
            "discharge floor",
            _C,
            limits.floor_s,
            "discharge goes on below the lowest voltage (200.4-5, 208.6-7) or level (200.6)",
            "§7",
        )
        self._ceiling = case.lasting_error(
            "charge ceiling", _C, limits.floor_s, "charge goes on above the level of 200.7", "§7"
        )

    def changed(self, new: Message, old: Message | None) -> None:
        """Judge a frame that bears on discharge."""
        bus = self.case.bus
        if isinstance(new, DischargeLimits):
            self._limits(new, old)
        out_a, limit_a = bus.intake.discharge_current_a, bus.discharge_limit_a
        t_s, deep = bus.t_s, out_a - limit_a >= self.case.limits.deviation_a
        self._offered.judge(t_s, holds=limit_a > 0 and self._is_at_rest())
        self._over.judge(t_s, holds=deep and limit_a > 0)
        flagged = bus.vehicle.fault_current_deviation
        self._not_flagged.judge(t_s, holds=deep and limit_a > 0 and not flagged)
        permitted = bus.can_discharge and limit_a > 0 and bus.charger.charging
        self._unpermitted.judge(t_s, holds=self._is_out(out_a) and not permitted)
        most_a = bus.intake.available_input_current_a + self.case.limits.overshoot_a
        self._too_much.judge(t_s, holds=out_a > most_a)
        both = bus.charger.current_a > 0 and out_a > 0
        self._both_ways.judge(t_s, holds=both)
        self._levels()

    def finished(self) -> None:
        """Judge which frames were there at all."""
        case, seen = self.case, self.case.bus.seen
        if case.bus.charger.discharge_compatible and not {0x208, 0x209} <= seen:
            case.error(
                "discharge frames",
                _C,
                "109.4.0 announces discharge but 0x208 and 0x209 are not both sent",
                "§2.7, §12 (15)",
            )
        if case.bus.vehicle.discharge_compatible and 0x200 not in seen:
            case.error(
                "discharge frames", _V, "102.5.7 announces discharge without 0x200", "§2.9, §5.2"
            )
        if case.bus.can_discharge and 0x201 not in seen:
            case.note(
                "sequence number",
                _V,
                "0x201 is not sent: a vehicle from before V2H guideline 1.1; works all the same",
                "§5.2",
            )

    def _limits(self, new: DischargeLimits, old: Message | None) -> None:
        case, bus = self.case, self.case.bus
        limit_a = new.max_discharge_current_a
        excess_a = self._limit_ramp.excess_a(limit_a, bus.t_s, bus.gap_s)
        if excess_a > case.limits.slew_slack_a:
            case.error(
                "discharge limit ramp",
                _V,
                f"200.0 rises to {limit_a} A, {excess_a:.1f} A above a ramp of 20 A/s",
                "§2.9, §7",
            )
        if not isinstance(old, DischargeLimits) or not case.done(Happening.ENABLED):
            return
        if new.min_discharge_voltage_v != old.min_discharge_voltage_v:
            case.error("discharge voltage", _V, "200.4-5 changes after enabling", "§2.9")

    def _is_out(self, out_a: int) -> bool:
        """Say whether a discharge is more than one that is ending; how long that takes is owed."""
        case = self.case
        if case.done(Happening.TRANSFER) and case.stopping:
            return case.done(Happening.LOW_CURRENT) and out_a > case.limits.low_current_a
        return out_a > 0

    def _is_at_rest(self) -> bool:
        case, vehicle = self.case, self.case.bus.vehicle
        return not vehicle.enabled or (case.knows_contactor and vehicle.contactor_open)

    def _not_at_rest(self, t_s: float) -> None:
        case, bus = self.case, self.case.bus
        told = f"200.0 says {bus.discharge_limit_a} A"
        if case.done(Happening.DISABLED):
            case.error(
                "discharge limit",
                _V,
                f"{told} after the stop; 0 in the same cycle",
                "§8.1",
                t_s=t_s,
            )
            return
        estimate = bus.vehicle_estimate
        old = estimate is None or estimate.sequence == 0
        (case.note if old else case.error)(
            "discharge limit",
            _V,
            f"{told} before the start, not 0" + ("; vehicles from before 1.1 may" if old else ""),
            "§2.9, §5.2",
            t_s=t_s,
        )

    def _levels(self) -> None:
        bus, t_s = self.case.bus, self.case.bus.t_s
        window = discharge_window(bus.discharge, bus.times, bus.vehicle_estimate)
        percent, usable = bus.charge_percent, bus.can_discharge and bus.charger.charging
        lowest_v = max(bus.discharge.min_discharge_voltage_v, bus.intake.lower_threshold_voltage_v)
        low = bus.charger.voltage_v <= lowest_v
        high = False
        if percent is not None:
            low = low or (window.floor_percent is not None and percent <= window.floor_percent)
            high = window.ceiling_percent is not None and percent >= window.ceiling_percent
        out = bus.intake.discharge_current_a > self.case.limits.overshoot_a
        charges = bus.charger.current_a > self.case.limits.overshoot_a
        full = high and percent is not None and percent < 100.0
        self._floor.judge(t_s, holds=usable and low and out)
        self._ceiling.judge(t_s, holds=usable and full and charges)
