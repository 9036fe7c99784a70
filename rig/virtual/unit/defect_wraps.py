"""What seeded defects put in place of a protection: the healthy one with one thing wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rig.virtual.unit.protections.base import Protection
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import Decision, Trip, TripCode

__all__ = ["Wrap", "blind_while", "trips_as"]

Wrap = Mapping[str, Callable[[Protection], Protection]]


class _Blind:
    """Does not decide while a condition holds."""

    def __init__(self, healthy: Protection, blind: Callable[[Span], bool]) -> None:
        self._healthy, self._blind = healthy, blind

    def find(self, span: Span) -> int | None:
        """Return what the healthy one finds, while it sees."""
        return None if self._blind(span) else self._healthy.find(span)

    def live(self, span: Span, ticks: int) -> None:
        """Live as the healthy one."""
        self._healthy.live(span, ticks)

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Decide as the healthy one."""
        return self._healthy.decide(span, ticks)

    def standing(self, span: Span) -> bool:
        """Say what the healthy one says."""
        return self._healthy.standing(span)


class _Altered(_Blind):
    """Changes the trips that the healthy one decides."""

    def __init__(self, healthy: Protection, change: Callable[[Trip], Trip]) -> None:
        super().__init__(healthy, lambda span: False)
        self._change = change

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Decide as the healthy one, and change what it is."""
        decided = self._healthy.decide(span, ticks)
        return [self._change(each) if isinstance(each, Trip) else each for each in decided]


def blind_while(condition: Callable[[Span], bool], *names: str) -> Wrap:
    """Let protections decide nothing while a condition holds."""
    return {name: lambda healthy: _Blind(healthy, condition) for name in names}


def trips_as(name: str, *, code: TripCode | None = None, value: int | None = None) -> Wrap:
    """Let a protection give another code or another value."""

    def changed(trip: Trip) -> Trip:
        return replace(
            trip,
            code=trip.code if code is None else code,
            value=trip.value if value is None else value,
        )

    return {name: lambda healthy: _Altered(healthy, changed)}
