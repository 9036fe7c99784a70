"""A low 12 V supply: outlets off, and latched (R-WDG-01)."""

from __future__ import annotations

from rig.virtual.unit.parameters import Limit
from rig.virtual.unit.protections.delayed import Delayed
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import UNIT, Decision, Trip, TripCode, clamp_u16

__all__ = ["BrownOut"]


class BrownOut:
    """Trip the unit when its own supply is too low; the value is in 0.1 V."""

    def __init__(self, limit: Limit) -> None:
        self._limit_v = limit.value
        self._delayed = Delayed(limit.time_s)

    def find(self, span: Span) -> int | None:
        """Return when the supply has been low for long enough."""
        return self._delayed.find(self.standing(span)) if span.status.armed else None

    def live(self, span: Span, ticks: int) -> None:
        """Count the time of low supply."""
        self._delayed.live(self.standing(span), ticks)

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the unit."""
        return [Trip(TripCode.BROWN_OUT, UNIT, clamp_u16(10.0 * span.supply_12v))]

    def standing(self, span: Span) -> bool:
        """Say whether the supply is low now."""
        return span.supply_12v < self._limit_v
