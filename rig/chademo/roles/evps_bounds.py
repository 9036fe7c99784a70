"""Which current may flow now: any, signed, between the live bounds (facts: section 7)."""

from __future__ import annotations

from dataclasses import dataclass

from rig.chademo.frames import (
    BatteryLimits,
    ChargeTimes,
    DischargeLimits,
    VehicleEstimate,
    VehicleStatus,
    charge_percent,
    discharge_window,
)
from rig.chademo.roles.evps_parameters import EvpsParameters
from rig.chademo.roles.mailbox import Mailbox

__all__ = ["Bounds", "Offer", "is_incompatible", "live_bounds", "threshold_v"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What the EVPS offers now: 108.3 and 208.3."""

    charge_a: int
    discharge_a: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """Most negative and most positive current, positive into the vehicle."""

    low_a: float
    high_a: float

    def clamp(self, amps: float) -> float:
        """Return the current nearest to the one wanted."""
        return min(max(amps, self.low_a), self.high_a)


def threshold_v(heard: Mailbox, parameters: EvpsParameters) -> int:
    """Return 108.4-5: the lower of both maxima (section 2.6)."""
    most_v = heard.get(BatteryLimits).max_battery_voltage_v
    return min(most_v, parameters.available_v) if most_v else parameters.available_v


def is_incompatible(heard: Mailbox, parameters: EvpsParameters) -> bool:
    """Say whether the battery is out of reach (109.5.3, section 2.7); 0 V is not used."""
    lowest_v = heard.get(BatteryLimits).min_battery_voltage_v
    too_high = heard.get(VehicleStatus).target_voltage_v > parameters.available_v
    return too_high or 0 < lowest_v < parameters.lowest_v


def live_bounds(
    heard: Mailbox, offer: Offer, parameters: EvpsParameters, volts: float, now_s: float
) -> Bounds:
    """Return what 102.3, 108.3, 200.0, 208.3, floors and ceilings leave."""
    status, limits = heard.get(VehicleStatus), heard.get(DischargeLimits)
    both = parameters.discharge and status.discharge_compatible
    fresh = heard.age_s(DischargeLimits, now_s) <= parameters.can_loss_s
    high_a = float(min(status.current_request_a, offer.charge_a))
    low_a = (
        -float(min(limits.max_discharge_current_a, offer.discharge_a)) if both and fresh else 0.0
    )
    if not both:
        return Bounds(low_a, high_a)
    estimate = heard.get(VehicleEstimate) if heard.has(VehicleEstimate) else None
    window = discharge_window(limits, heard.get(ChargeTimes), estimate)
    percent = charge_percent(status, heard.get(BatteryLimits))
    low = volts <= limits.min_discharge_voltage_v
    if percent is not None:
        low = low or (window.floor_percent is not None and percent <= window.floor_percent)
        ceiling = window.ceiling_percent
        high_a = 0.0 if ceiling is not None and percent >= ceiling else high_a
    return Bounds(0.0 if low else low_a, high_a)
