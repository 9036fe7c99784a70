"""The frequency counter: a Schmitt trigger on the output voltage and a quartz."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.virtual.unit.ticks import SAMPLE_RATE_HZ, SAMPLES_PER_TICK

__all__ = ["Crossing", "FrequencyCounter"]

_PERIODS = 5
_SHORTEST_S = 0.005
_LOST_S = 0.1

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Crossing:
    """A rising zero crossing: its instant, and the number of the sample that showed it."""

    t_s: float
    sample: int


class FrequencyCounter:
    """Take the mean of the last five periods between rising zero crossings."""

    def __init__(self, gain: float) -> None:
        self._gain = gain
        self._instants: list[float] = []
        self._last_value = 0.0
        self._before_hz = 0.0

    @property
    def frequency_hz(self) -> float:
        """What was measured last; 0 = nothing yet."""
        return self._frequency(self._instants)

    def resume(self, frequency_hz: float) -> None:
        """Begin anew after a steady stretch at ``frequency_hz``."""
        self._instants = []
        self._last_value = 0.0
        self._before_hz = frequency_hz * self._gain

    def crossings(self, volts: Floats, first: int) -> list[Crossing]:
        """Return the rising zero crossings of a block that begins with sample ``first``."""
        before = np.concatenate(([self._last_value], volts[:-1]))
        found: list[Crossing] = []
        last = self._instants[-1] if self._instants else -math.inf
        for n in np.flatnonzero((before < 0.0) & (volts >= 0.0)).tolist():
            part = float(before[n] / (before[n] - volts[n]))
            t_s = (first + n - 1 + part) / SAMPLE_RATE_HZ
            if t_s - last >= _SHORTEST_S:
                found.append(Crossing(t_s, first + n))
                last = t_s
        return found

    def by_tick(self, crossings: list[Crossing], first_tick: int, ticks: int) -> Floats:
        """Return the frequency on the ticks of a block with these crossings; changes nothing."""
        values = np.full(ticks, self._frequency(self._instants))
        known = self._instants
        for crossing in crossings:
            known = _joined(known, crossing.t_s)
            values[max(0, crossing.sample // SAMPLES_PER_TICK - first_tick) :] = self._frequency(
                known
            )
        return values

    def keep(self, crossings: list[Crossing], end_sample: int, last_value: float) -> None:
        """Take over what was seen before ``end_sample``, and the value just before it."""
        for crossing in crossings:
            if crossing.sample < end_sample:
                self._instants = _joined(self._instants, crossing.t_s)
        self._last_value = last_value

    def _frequency(self, instants: list[float]) -> float:
        periods = len(instants) - 1
        if periods < 1:
            return self._before_hz
        return self._gain * periods / (instants[-1] - instants[0])


def _joined(instants: list[float], t_s: float) -> list[float]:
    if instants and t_s - instants[-1] > _LOST_S:
        return [t_s]
    return [*instants, t_s][-(_PERIODS + 1) :]
