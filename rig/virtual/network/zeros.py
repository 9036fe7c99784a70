"""Where a waveform ends or crosses a level: looked for on a grid, then solved by bisection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Slope", "current_end", "first_crossing"]

Slope = Literal["rising", "falling", "either"]
Wave = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_STEP_S = 1e-5
_NOTHING_A = 1e-5
_LONGEST_ARC_S = 0.025
_HALVINGS = 34


def current_end(current: Wave, from_s: float) -> float:
    """Return when an arc that began at ``from_s`` goes out: at the current's next zero.

    A current below 10 uA ends at once; one without a zero within 25 ms is torn off then.
    """
    t = from_s + _STEP_S * np.arange(int(_LONGEST_ARC_S / _STEP_S) + 1, dtype=np.float64)
    i = current(t)
    sign = 1.0 if i[0] >= 0.0 else -1.0
    burning = i * sign > _NOTHING_A
    if not burning[0]:
        return from_s
    if burning.all():
        return float(t[-1])
    n = int(np.argmin(burning))
    return _bisect(lambda x: current(x)[0] * sign > _NOTHING_A, float(t[n - 1]), float(t[n]))


def first_crossing(
    wave: Wave, t_s: NDArray[np.float64], level: float, slope: Slope
) -> float | None:
    """Return the first crossing of ``level`` between the given instants."""
    above = wave(t_s) >= level
    change = np.diff(above.astype(np.int8))
    hits = {"rising": change > 0, "falling": change < 0, "either": change != 0}[slope]
    if not hits.any():
        return None
    n = int(np.argmax(hits))
    before = bool(above[n])
    return _bisect(lambda x: bool(wave(x)[0] >= level) == before, float(t_s[n]), float(t_s[n + 1]))


def _bisect(still: Callable[[NDArray[np.float64]], bool], low: float, high: float) -> float:
    """Return the first instant at which ``still`` no longer holds; it holds at ``low``."""
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if still(np.array([middle])):
            low = middle
        else:
            high = middle
    return high
