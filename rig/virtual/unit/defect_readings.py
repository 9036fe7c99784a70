"""What seeded defects are made of: protections that see something else than there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rig.virtual.unit.protections.base import Protection
from rig.virtual.unit.readings import Signal, Span
from rig.virtual.unit.ticks import TICKS_PER_S
from rig.virtual.unit.trips import Decision

__all__ = ["Drifting", "Misreading", "drifting", "misread", "with_socket_current"]

Wrap = Callable[[Protection], Protection]
Read = Callable[[Span], Span]


class Misreading:
    """A healthy protection behind wrong readings."""

    def __init__(self, healthy: Protection, read: Read) -> None:
        self._healthy, self._read = healthy, read

    @property
    def memory_percent(self) -> float:
        """How full the healthy one's timers are."""
        return float(getattr(self._healthy, "memory_percent", 0.0))

    def find(self, span: Span) -> int | None:
        """Return when the healthy one would decide on the wrong readings."""
        return self._healthy.find(self._seen(span))

    def live(self, span: Span, ticks: int) -> None:
        """Let the healthy one live through them."""
        self._healthy.live(self._seen(span), ticks)

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Let the healthy one decide on them."""
        return self._healthy.decide(self._seen(span), ticks)

    def standing(self, span: Span) -> bool:
        """Say what the healthy one says of them."""
        return self._healthy.standing(self._seen(span))

    def _seen(self, span: Span) -> Span:
        return self._read(span)


class Drifting(Misreading):
    """A protection whose apparent power drifts up for as long as the inverter is on."""

    def __init__(self, healthy: Protection, share_per_h: float) -> None:
        super().__init__(healthy, self._drifted)
        self._share_per_tick = share_per_h / 3600.0 / TICKS_PER_S
        self._on_since: int | None = None

    def live(self, span: Span, ticks: int) -> None:
        """Note since when the inverter is on."""
        if not span.status.inverter_on:
            self._on_since = None
        elif self._on_since is None:
            self._on_since = span.first_tick
        super().live(span, ticks)

    def _drifted(self, span: Span) -> Span:
        on_ticks = 0 if self._on_since is None else span.first_tick - self._on_since
        return replace(span, apparent_va=span.apparent_va * (1.0 + self._share_per_tick * on_ticks))


def misread(read: Read) -> Wrap:
    """Put wrong readings before a protection."""
    return lambda healthy: Misreading(healthy, read)


def drifting(share_per_h: float) -> Wrap:
    """Let what a protection makes of the apparent power drift, by a share of it an hour."""
    return lambda healthy: Drifting(healthy, share_per_h)


def with_socket_current(span: Span, socket: int, current_a: Signal) -> Span:
    """Return readings in which one socket (1 to 3) has another current."""
    a, b, c = (
        current_a if n == socket else each for n, each in enumerate(span.socket_current_a, start=1)
    )
    return replace(span, socket_current_a=(a, b, c))
