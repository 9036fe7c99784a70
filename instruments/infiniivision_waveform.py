"""From an InfiniiVision preamble and unsigned 16-bit codes to a trace; facts section C3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.capabilities import ScopeTrace

__all__ = ["Preamble", "scale_samples"]

_LOWEST, _HIGHEST = 0x0100, 0xFF00
"""The outermost codes of an 8-bit converter in a 16-bit word; 0 is a hole."""
_UNKNOWN_STEP = 256
"""The step of an 8-bit converter, taken where a flat trace does not show it."""


@dataclass(frozen=True, slots=True)
class Preamble:
    """How codes become values: ``(code - y_reference) * y_increment + y_origin``."""

    points: int
    x_increment_s: float
    x_origin_s: float
    x_reference: float
    y_increment: float
    y_origin: float
    y_reference: float

    @classmethod
    def from_numbers(cls, values: Sequence[float]) -> Preamble:
        """Take the ten values of ``:WAVeform:PREamble?``: format, type, points, count, x, y."""
        return cls(int(values[2]), *values[4:10])

    @property
    def span_s(self) -> tuple[float, float]:
        """Return when the first sample begins and the last one ends, in s after the trigger."""
        first_s = self.x_origin_s - self.x_reference * self.x_increment_s
        return first_s, first_s + self.points * self.x_increment_s


def scale_samples(channel: int, preamble: Preamble, codes: NDArray[np.uint16]) -> ScopeTrace:
    """Return the trace of the codes; time 0 is the trigger."""
    values = (
        codes.astype(np.float64) - preamble.y_reference
    ) * preamble.y_increment + preamble.y_origin
    step = int(np.gcd.reduce(np.abs(codes.astype(np.int64) - int(codes[0])))) or _UNKNOWN_STEP
    return ScopeTrace(
        channel=channel,
        t0_s=preamble.span_s[0],
        dt_s=preamble.x_increment_s,
        values=values,
        clipped=bool(codes.min() <= _LOWEST or codes.max() >= _HIGHEST),
        resolution=step * abs(preamble.y_increment),
    )
