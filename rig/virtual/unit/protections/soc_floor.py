"""The state-of-charge floor: sockets go by priority, the unit last (R-SOC-01 to 03)."""

from __future__ import annotations

from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.parameters import SocParameters
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import UNIT, Decision, Restore, Trip, TripCode, Warn, clamp_u16

__all__ = ["SocFloor"]

_WARN_AGAIN_PERCENT = 1.0


class SocFloor:
    """Follow the SOC the vehicle reports; the value is in 0.1 %.

    What went comes back 3 % above the SOC at which it went, even over a power cycle.
    """

    def __init__(self, settings: SocParameters, memory: NonVolatile) -> None:
        self._settings = settings
        self._held = memory.soc_held if settings.kept else {}
        self._warned = False

    def find(self, span: Span) -> int | None:
        """Return one tick when the SOC calls for anything, for it changes by messages only."""
        return 1 if self._due(span) else None

    def live(self, span: Span, ticks: int) -> None:
        """Forget what rose again."""
        soc = span.status.vehicle.soc_percent
        if soc > self._warn_percent(span) + _WARN_AGAIN_PERCENT:
            self._warned = False
        for target in list(self._held):
            awaited = (TripCode.SOC_FLOOR, target) in span.status.waiting
            if not awaited and not self._holds(target, soc):
                del self._held[target]

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Warn, switch off and restore, all that is due."""
        due = self._due(span)
        for decision in due:
            if isinstance(decision, Trip):
                self._held.setdefault(decision.socket, span.status.vehicle.soc_percent)
            elif isinstance(decision, Restore):
                self._held.pop(decision.socket, None)
            else:
                self._warned = True
        return due

    def standing(self, span: Span) -> bool:
        """Say whether the SOC is at the floor, or has not risen enough since it was."""
        soc = span.status.vehicle.soc_percent
        return soc <= span.status.floor_percent or self._holds(UNIT, soc)

    def _due(self, span: Span) -> list[Decision]:
        status, soc = span.status, span.status.vehicle.soc_percent
        value = clamp_u16(10.0 * soc)
        due: list[Decision] = []
        if status.armed:
            if soc <= self._warn_percent(span) and not self._warned:
                due.append(Warn(TripCode.SOC_FLOOR, UNIT, value))
            due += [Trip(TripCode.SOC_FLOOR, each, value) for each in self._gone(span)]
        waiting = sorted(s for code, s in status.waiting if code == TripCode.SOC_FLOOR)
        return due + [Restore(TripCode.SOC_FLOOR, s) for s in waiting if not self._holds(s, soc)]

    def _gone(self, span: Span) -> list[int]:
        """Return what must go: sockets by rank, the most important one with the whole unit."""
        status, levels = span.status, self._settings.by_rank_percent
        order = status.priority if self._settings.by_priority else (1, 2, 3)
        soc = status.vehicle.soc_percent
        if soc <= status.floor_percent + levels[0] or self._holds(UNIT, soc):
            return [UNIT]
        return [
            socket
            for rank, socket in enumerate(order)
            if rank and status.sockets_ready[socket - 1]
            if soc <= status.floor_percent + levels[rank] or self._holds(socket, soc)
        ]

    def _holds(self, target: int, soc: float) -> bool:
        level = self._held.get(target)
        # Half a digit: 23.0 - 20.0 must count as 3.0.
        return level is not None and soc < level + self._settings.return_percent - 0.05

    def _warn_percent(self, span: Span) -> float:
        return span.status.floor_percent + self._settings.warn_percent
