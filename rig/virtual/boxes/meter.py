"""What a meter adds to the truth: a gain and an offset of its own, and noise at each reading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Meter", "MeterClass"]


@dataclass(frozen=True, slots=True)
class MeterClass:
    """The limits of error of one quantity, in its unit."""

    gain: float
    """Largest part of the reading."""
    offset: float
    """Largest constant error."""
    noise: float
    """Standard deviation of one reading."""


class Meter:
    """One specimen of a class: gain and offset are drawn once and stay."""

    def __init__(self, rng: np.random.Generator, limits: MeterClass) -> None:
        self._gain = 1.0 + rng.uniform(-limits.gain, limits.gain)
        self._offset = rng.uniform(-limits.offset, limits.offset)
        self._noise = limits.noise
        self._rng = rng

    def read(self, true: float) -> float:
        """Return what the meter shows for a true value."""
        return self.steady(true) + self._noise * self._rng.standard_normal()

    def steady(self, true: float) -> float:
        """Return what the meter shows in the mean of many readings."""
        return true * self._gain + self._offset
