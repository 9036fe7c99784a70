"""Changes of the circuit on their exact instants, in order of time, then of asking."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from math import inf

__all__ = ["Agenda", "Change"]


class Change:
    """One change to come."""

    __slots__ = ("cancelled", "fn")

    def __init__(self, fn: Callable[[float], None]) -> None:
        self.fn = fn
        self.cancelled = False

    def cancel(self) -> None:
        """Withdraw the change; harmless once it was made."""
        self.cancelled = True


class Agenda:
    """A heap of changes; each is called with its own instant."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Change]] = []
        self._order = count()

    def at(self, t_s: float, fn: Callable[[float], None]) -> Change:
        """Ask for a change at ``t_s``."""
        change = Change(fn)
        heapq.heappush(self._heap, (t_s, next(self._order), change))
        return change

    def next_s(self) -> float:
        """Return when the next change is due; inf when none is."""
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else inf

    def make_next(self) -> None:
        """Make the next change."""
        t_s, _, change = heapq.heappop(self._heap)
        change.fn(t_s)
