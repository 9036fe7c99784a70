"""Current shapes of an electronic load: one mains period of unit RMS with a wanted PF and CF.

The shape is ``(1 - m) * sin + m * |sin|**q`` with the sign of the sine, delayed by the
displacement. ``m = 1`` as long as the distortion leaves room for the power factor; a power factor
above that takes a narrower peak on a sine. What no shape of this family reaches (PF 1 with CF 3)
ends at the highest power factor it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import acos, exp, lgamma, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["POINTS", "Shape", "at_phase", "shape"]

POINTS = 4096
_NARROWEST = 400.0
_SQRT2 = sqrt(2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A period of current of unit RMS: ``table[n]`` at phase ``n / POINTS``; the ends are equal."""

    table: NDArray[np.float64]
    distortion: float
    """Fundamental by total RMS."""
    displacement_rad: float
    """Positive = lagging."""


def at_phase(table: NDArray[np.float64], phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the table's values at phases in ``[0, 1]`` periods, linear in between."""
    x = phase * POINTS
    low = x.astype(np.intp)
    np.minimum(low, POINTS - 1, out=low)
    start = table[low]
    return np.asarray(start + (x - low) * (table[low + 1] - start))


@lru_cache(maxsize=512)
def shape(power_factor: float, crest_factor: float) -> Shape:
    """Return the shape for a total power factor (negative = leading) and a crest factor."""
    wanted = min(max(abs(power_factor), 0.0), 1.0)
    exponent, mix = _solve(wanted, max(crest_factor, 1.02))
    distortion = _distortion(exponent, mix)
    angle = acos(min(1.0, wanted / distortion))
    lag = -angle if power_factor < 0 else angle
    sine = np.sin(2.0 * pi * np.arange(POINTS + 1) / POINTS - lag)
    raw = (1.0 - mix) * sine + mix * np.sign(sine) * np.abs(sine) ** exponent
    table = raw / sqrt(_mean_square(exponent, mix))
    table[-1] = table[0]
    table.flags.writeable = False
    return Shape(table, distortion, lag)


def _solve(power_factor: float, crest_factor: float) -> tuple[float, float]:
    """Return the exponent of the peak and its share."""
    if abs(crest_factor - _SQRT2) < 2e-3:
        return 1.0, 1.0
    pure = _exponent(crest_factor)
    if crest_factor < _SQRT2 or _distortion(pure, 1.0) >= power_factor:
        return pure, 1.0
    low, high = pure, _NARROWEST
    for _ in range(60):
        middle = sqrt(low * high)
        if _distortion(middle, _mix(middle, crest_factor)) < power_factor:
            low = middle
        else:
            high = middle
    return high, _mix(high, crest_factor)


def _exponent(crest_factor: float) -> float:
    """Return p for which |sin|**p has the crest factor."""
    low, high = 1e-3, _NARROWEST
    for _ in range(80):
        middle = sqrt(low * high)
        if 1.0 / sqrt(_mean_power(2.0 * middle)) < crest_factor:
            low = middle
        else:
            high = middle
    return high


def _mix(exponent: float, crest_factor: float) -> float:
    """Return the share of the peak that gives the crest factor; both parts peak at 1."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _mean_square(exponent, middle) > 1.0 / crest_factor**2:
            low = middle
        else:
            high = middle
    return high


def _mean_power(n: float) -> float:
    """Return the mean of |sin|**n over a period."""
    return exp(lgamma((n + 1.0) / 2.0) - lgamma(n / 2.0 + 1.0) - 0.5 * log(pi))


def _mean_square(exponent: float, mix: float) -> float:
    rest = 1.0 - mix
    cross = 2.0 * mix * rest * _mean_power(exponent + 1.0)
    return 0.5 * rest * rest + cross + mix * mix * _mean_power(2.0 * exponent)


def _distortion(exponent: float, mix: float) -> float:
    fundamental = (1.0 - mix) * 0.5 + mix * _mean_power(exponent + 1.0)
    return min(1.0, _SQRT2 * fundamental / sqrt(_mean_square(exponent, mix)))
