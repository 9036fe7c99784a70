"""A threshold with a delay: what most protections are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rig.virtual.unit.timer import LeakingTimer

__all__ = ["Delayed"]

# A debounce forgets as fast as it counts.
_LEAK_S_PER_S = 1.0

Condition = bool | np.bool_ | NDArray[np.bool_]


class Delayed:
    """Act when a condition has held for a time."""

    def __init__(self, delay_s: float) -> None:
        self._timer = LeakingTimer(delay_s, _LEAK_S_PER_S)

    def find(self, condition: Condition) -> int | None:
        """Return after how many ticks the time is over."""
        if not isinstance(condition, np.ndarray):
            return self._timer.ticks_to_act(bool(condition))
        return self._timer.ticks_to_act_in(condition) if condition.any() else None

    def live(self, condition: Condition, ticks: int) -> None:
        """Count ``ticks`` of the condition."""
        if not isinstance(condition, np.ndarray):
            self._timer.advance(bool(condition), ticks)
        elif self._timer.level_us or condition.any():
            self._timer.advance_through(condition[:ticks])

    @property
    def full(self) -> bool:
        """Say whether the time is over."""
        return self._timer.percent >= 100.0

    def reset(self) -> None:
        """Begin anew."""
        self._timer.reset()
