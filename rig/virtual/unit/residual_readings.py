"""What the firmware makes of the residual current of each socket, on ticks."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["ResidualReadings", "readings_of"]

Floats = NDArray[np.float64]
Signal = float | Floats
Three = tuple[Signal, Signal, Signal]
_FORM_FACTOR = pi / sqrt(8.0)
"""RMS of a sine by the mean of its magnitude."""


@dataclass(frozen=True, slots=True)
class ResidualReadings:
    """Values of the last 20 ms by socket, in A."""

    ac_a: Three
    """RMS without the direct part."""
    dc_a: Three
    """Mean, with its sign."""
    rectified_a: Three
    """Mean magnitude, scaled to read the RMS of a sine."""

    def half_waves(self, socket: int, *, positive: bool) -> Signal:
        """Return what positive or negative half-waves alone make of a socket's current (0 to 2).

        Scaled as well to read the RMS of a sine.
        """
        mean = _FORM_FACTOR * self.dc_a[socket]
        return self.rectified_a[socket] + (mean if positive else -mean)

    def part(self, start: int, end: int) -> ResidualReadings:
        """Return the readings of some of the ticks."""
        return ResidualReadings(
            _part(self.ac_a, start, end),
            _part(self.dc_a, start, end),
            _part(self.rectified_a, start, end),
        )


def readings_of(means: Floats, lsb: Floats) -> ResidualReadings:
    """Make readings of mean squares, means and mean magnitudes in codes, three rows of each."""
    scale = lsb[:, None] if means.ndim > 1 else lsb
    squares, mean, magnitude = means[:3], means[3:6], means[6:]
    ac = np.sqrt(np.maximum(squares - mean**2, 0.0)) * scale
    return ResidualReadings(
        _three(ac), _three(mean * scale), _three(magnitude * _FORM_FACTOR * scale)
    )


def _three(rows: Floats) -> Three:
    a, b, c = rows if rows.ndim > 1 else map(float, rows)
    return a, b, c


def _part(signals: Three, start: int, end: int) -> Three:
    a, b, c = (s[start:end] if isinstance(s, np.ndarray) else s for s in signals)
    return a, b, c
