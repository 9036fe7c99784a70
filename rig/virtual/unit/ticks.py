"""The protection tick: whole milliseconds of clock time, and what is due on one of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count

__all__ = [
    "NEVER",
    "SAMPLES_PER_TICK",
    "SAMPLE_RATE_HZ",
    "TICKS_PER_S",
    "Agenda",
    "instant_of",
    "tick_at_or_after",
    "tick_at_or_before",
    "ticks_of",
]

TICKS_PER_S = 1000
SAMPLE_RATE_HZ = 100_000
SAMPLES_PER_TICK = SAMPLE_RATE_HZ // TICKS_PER_S
NEVER = 10**12
"""A number of ticks beyond any run (31 years)."""

# 0.1 us: far above the rounding of clock times, far below the 10 us between samples.
_ROUNDING_TICKS = 1e-4


def tick_at_or_before(t_s: float) -> int:
    """Return the number of the last tick that is not after ``t_s``."""
    return math.floor(t_s * TICKS_PER_S + _ROUNDING_TICKS)


def tick_at_or_after(t_s: float) -> int:
    """Return the number of the first tick that is not before ``t_s``."""
    return math.ceil(t_s * TICKS_PER_S - _ROUNDING_TICKS)


def instant_of(tick: int) -> float:
    """Return the clock time of a tick in s."""
    return tick / TICKS_PER_S


def ticks_of(duration_s: float) -> int:
    """Return a duration as a whole number of ticks, never below one."""
    return max(1, round(duration_s * TICKS_PER_S))


class Agenda:
    """What the firmware has told itself to do on a later tick; one entry a name."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[int, int, Callable[[int], None]]] = {}
        self._order = count()
        self._next = NEVER

    def put(self, name: str, tick: int, action: Callable[[int], None]) -> None:
        """Do ``action(tick)`` on ``tick``, instead of what stood under ``name``."""
        self._entries[name] = (tick, next(self._order), action)
        self._refresh()

    def drop(self, *names: str) -> None:
        """Forget entries; harmless for those that are not there."""
        for name in names:
            self._entries.pop(name, None)
        self._refresh()

    def has(self, name: str) -> bool:
        """Say whether an entry waits under ``name``."""
        return name in self._entries

    def next_tick(self) -> int:
        """Return when the next entry is due, ``NEVER`` when there is none."""
        return self._next

    def run_due(self, tick: int) -> None:
        """Do what is due, in order of time, then of entry; actions may put new entries."""
        while self._next <= tick:
            name = min(self._entries, key=lambda each: self._entries[each][:2])
            _, _, action = self._entries.pop(name)
            self._refresh()
            action(tick)

    def _refresh(self) -> None:
        self._next = min((entry[0] for entry in self._entries.values()), default=NEVER)
