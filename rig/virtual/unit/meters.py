"""The unit's own meters: energy by socket, and how long the pack will last (R-MET-01, R-END-02)."""

from __future__ import annotations

import math

import numpy as np

from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.readings import Signal, Span
from rig.virtual.unit.ticks import TICKS_PER_S
from rig.virtual.unit.vehicle import VehicleData

__all__ = ["Meters"]

_HORIZON_S = 3600.0
_UNKNOWN_MIN = 65535
_SECONDS_PER_HOUR = 3600.0


class Meters:
    """Integrate power on every tick."""

    def __init__(self, pack_wh: float, memory: NonVolatile) -> None:
        self._pack_wh = pack_wh
        self._memory = memory
        self._mean_w = 0.0
        self._seen_s = 0.0

    def live(self, span: Span, ticks: int) -> None:
        """Count ``ticks`` of a span."""
        for n, power_w in enumerate(span.socket_power_w):
            if span.status.sockets_on[n]:
                energy = _sum(power_w, ticks) / TICKS_PER_S / _SECONDS_PER_HOUR
                self._memory.energy_wh[n] += energy
        if span.status.inverter_on:
            self._average(-span.dc_voltage_v * span.dc_current_a, ticks / TICKS_PER_S)

    def usable_wh(self, vehicle: VehicleData, floor_percent: float) -> float:
        """Return the energy between the SOC and the floor."""
        return max(0.0, vehicle.soc_percent - floor_percent) / 100.0 * self._pack_wh

    def run_time_min(self, vehicle: VehicleData, floor_percent: float) -> int:
        """Return how long the usable energy lasts at the mean power; 65535 = no end in sight."""
        if self._mean_w <= 0.0:
            return _UNKNOWN_MIN
        minutes = self.usable_wh(vehicle, floor_percent) / self._mean_w * 60.0
        return min(_UNKNOWN_MIN, round(minutes))

    def _average(self, power_w: float, duration_s: float) -> None:
        """Take the plain mean over the first hour, then forget with a time constant of an hour."""
        plain_s = min(duration_s, max(0.0, _HORIZON_S - self._seen_s))
        if plain_s > 0.0:
            self._seen_s += plain_s
            self._mean_w += (power_w - self._mean_w) * plain_s / self._seen_s
        forgotten = -math.expm1(-(duration_s - plain_s) / _HORIZON_S)
        self._mean_w += (power_w - self._mean_w) * forgotten


def _sum(signal: Signal, ticks: int) -> float:
    return float(signal[:ticks].sum()) if isinstance(signal, np.ndarray) else signal * ticks
