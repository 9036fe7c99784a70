"""Automatic restarts after overload: growing pauses, at most three within the hour (R-REC-01)."""

from __future__ import annotations

from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.parameters import RestartParameters
from rig.virtual.unit.ticks import ticks_of

__all__ = ["Recovery"]


class Recovery:
    """Count restarts by unit (0) and socket, in non-volatile memory."""

    def __init__(self, settings: RestartParameters, memory: NonVolatile) -> None:
        self._pauses = [ticks_of(pause_s) for pause_s in settings.pauses_s]
        self._within = ticks_of(settings.within_s)
        self._restarts = memory.restart_ticks

    def used(self, target: int, tick: int) -> int:
        """Return how many restarts the last hour has seen."""
        return sum(1 for each in self._restarts[target] if tick - each < self._within)

    def pause_ticks(self, target: int, tick: int) -> int | None:
        """Return how long to wait before the next restart; None = lock out."""
        used = self.used(target, tick)
        return self._pauses[used] if used < len(self._pauses) else None

    def count(self, target: int, tick: int) -> None:
        """Count a restart that is made now."""
        recent = [each for each in self._restarts[target] if tick - each < self._within]
        self._restarts[target] = [*recent, tick]

    def clear(self) -> None:
        """Zero all counters."""
        for target in self._restarts:
            self._restarts[target] = []
