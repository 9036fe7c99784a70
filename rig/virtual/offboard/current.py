"""How much current the box drives: live bounds of both sides, ramps, range mode (section 7)."""

from __future__ import annotations

from rig.virtual.offboard.frames import VehicleFrames
from rig.virtual.offboard.parameters import BoxParameters

__all__ = ["BoxCurrent", "bounds"]


def bounds(vehicle: VehicleFrames, parameters: BoxParameters, plug_v: float) -> tuple[float, float]:
    """Return the most current out of the vehicle (0 or below) and into it, in A."""
    low_percent, high_percent = vehicle.levels_percent
    out_a = float(min(vehicle.discharge_a, parameters.discharge_a))
    into_a = float(min(vehicle.request_a, parameters.charge_a))
    empty = low_percent and vehicle.charge_percent <= low_percent
    if empty or plug_v <= vehicle.min_discharge_v or not vehicle.may_discharge:
        out_a = 0.0
    if high_percent and vehicle.charge_percent >= high_percent:
        into_a = 0.0
    return -out_a, into_a


class BoxCurrent:
    """The set-point: up by a ramp, down at once where the bounds say so."""

    def __init__(self, parameters: BoxParameters) -> None:
        self._rise_a = parameters.rise_a_per_s * parameters.look_s
        self._fall_a = parameters.fall_a_per_s * parameters.look_s
        self.amps = 0.0

    def follow(self, wanted_a: float, low_a: float, high_a: float) -> float:
        """Return the set-point of one look."""
        now_a = min(max(self.amps, low_a), high_a)
        step_a = min(max(wanted_a - now_a, -self._rise_a), self._rise_a)
        self.amps = now_a + step_a
        return self.amps

    def fall(self) -> float:
        """Return the set-point of one look on the way to 0."""
        size_a = max(0.0, abs(self.amps) - self._fall_a)
        self.amps = size_a if self.amps > 0.0 else -size_a
        return self.amps

    def drop(self) -> None:
        """Drive nothing from now on."""
        self.amps = 0.0
