"""The leaking timer behind every protection: it fills above a threshold and leaks below."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rig.virtual.unit.ticks import TICKS_PER_S

__all__ = ["LeakingTimer"]

_FILL_US = 1_000_000 // TICKS_PER_S


class LeakingTimer:
    """Count time above a threshold in whole microseconds: 1 s/s up, ``leak_s_per_s`` down.

    Integers make the closed form of a steady step and the walk through a block agree to the tick,
    however both are cut.
    """

    __slots__ = ("_leak_us", "_limit_us", "level_us")

    def __init__(self, limit_s: float, leak_s_per_s: float) -> None:
        self._limit_us = max(_FILL_US, round(limit_s * 1e6))
        self._leak_us = max(0, round(leak_s_per_s * _FILL_US))
        self.level_us = 0

    @property
    def percent(self) -> float:
        """How full the timer is, 100 = it acts."""
        return 100.0 * self.level_us / self._limit_us

    def reset(self) -> None:
        """Empty the timer."""
        self.level_us = 0

    def ticks_to_act(self, above: bool) -> int | None:
        """Return after how many ticks of an unchanging input the timer is full."""
        if not above:
            return None
        return max(1, -((self.level_us - self._limit_us) // _FILL_US))

    def advance(self, above: bool, ticks: int) -> None:
        """Live through ``ticks`` of an unchanging input."""
        if above:
            self.level_us = min(self._limit_us, self.level_us + ticks * _FILL_US)
        else:
            self.level_us = max(0, self.level_us - ticks * self._leak_us)

    def ticks_to_act_in(self, above: NDArray[np.bool_]) -> int | None:
        """Return after how many ticks of a block the timer is full; None = not inside."""
        if above.all():
            needed = self.ticks_to_act(True)
            return needed if needed is not None and needed <= above.size else None
        return self._walk(above)[1]

    def advance_through(self, above: NDArray[np.bool_]) -> None:
        """Live through the ticks of a block."""
        if above.all():
            self.advance(True, above.size)
        else:
            self.level_us = self._walk(above)[0]

    def _walk(self, above: NDArray[np.bool_]) -> tuple[int, int | None]:
        level, full = self.level_us, None
        for n, over in enumerate(above.tolist(), start=1):
            level = level + _FILL_US if over else max(0, level - self._leak_us)
            if over and level >= self._limit_us:
                level = self._limit_us
                full = full or n
        return level, full
