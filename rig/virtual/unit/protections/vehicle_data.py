"""The vehicle's data must be alive: a counter that stands still makes them invalid (R-PWR-03)."""

from __future__ import annotations

from rig.virtual.unit.readings import Span
from rig.virtual.unit.ticks import TICKS_PER_S, ticks_of
from rig.virtual.unit.trips import UNIT, Decision, Trip, TripCode, clamp_u16

__all__ = ["VehicleDataAge"]


class VehicleDataAge:
    """Trip the unit when the alive counter stood still for 2 s; the value is its age in ms."""

    def __init__(self, stale_s: float, *, forgives_start: bool = False) -> None:
        self._stale_ticks = ticks_of(stale_s)
        self._forgives_start = forgives_start
        self._armed_tick: int | None = None

    def find(self, span: Span) -> int | None:
        """Return when the data turn stale."""
        return max(1, self._stale_at(span) - span.first_tick) if span.status.armed else None

    def live(self, span: Span, ticks: int) -> None:
        """Keep no time but that of the start; the block keeps the data's."""
        if not span.status.armed:
            self._armed_tick = None
        elif self._armed_tick is None:
            self._armed_tick = span.first_tick

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the unit."""
        age_ticks = span.first_tick + ticks - span.status.vehicle.changed_tick
        age_ms = age_ticks * 1000 // TICKS_PER_S
        return [Trip(TripCode.VEHICLE_STALE, UNIT, clamp_u16(age_ms))]

    def standing(self, span: Span) -> bool:
        """Say whether the data are stale now."""
        return not self._forgives_start and span.first_tick >= self._stale_at(span)

    def _stale_at(self, span: Span) -> int:
        since = span.status.vehicle.changed_tick
        if self._forgives_start:
            armed = self._armed_tick
            since = max(since, span.first_tick if armed is None else armed)
        return since + self._stale_ticks
