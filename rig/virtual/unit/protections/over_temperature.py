"""The heat sink too hot: outlets off until it has cooled down (R-OT-02)."""

from __future__ import annotations

from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.parameters import HeatParameters
from rig.virtual.unit.protections.delayed import Delayed
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import UNIT, Decision, Restore, Trip, TripCode, clamp_u16

__all__ = ["OverTemperature"]


class OverTemperature:
    """Trip the unit, and hold it until the sink is cool, even over a reset; value in 0.1 C."""

    def __init__(self, settings: HeatParameters, memory: NonVolatile) -> None:
        self._trip_c, self._return_c = settings.trip.value, settings.return_c
        self._hot, self._cool = Delayed(settings.trip.time_s), Delayed(settings.return_s)
        self._memory = memory

    def find(self, span: Span) -> int | None:
        """Return when the sink has been too hot, or after a trip cool, for long enough."""
        if span.status.armed:
            return self._hot.find(span.heatsink_c >= self._trip_c)
        if self._waits(span):
            return self._cool.find(span.heatsink_c < self._return_c)
        return None

    def live(self, span: Span, ticks: int) -> None:
        """Count the time too hot, and after a trip the time cool."""
        cool = span.heatsink_c < self._return_c
        self._hot.live(span.heatsink_c >= self._trip_c, ticks)
        if self._waits(span):
            self._cool.live(cool, ticks)
        else:
            self._cool.reset()
            self._memory.hot = self._memory.hot and not cool

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the unit, or say that the sink is cool."""
        waits = self._waits(span)
        self._memory.hot = not waits
        if waits:
            return [Restore(TripCode.OVER_TEMPERATURE, UNIT)]
        value = clamp_u16(10.0 * span.heatsink_c)
        return [Trip(TripCode.OVER_TEMPERATURE, UNIT, value)]

    def standing(self, span: Span) -> bool:
        """Say whether the sink is too hot, or was and is not cool yet."""
        limit_c = self._return_c if self._memory.hot else self._trip_c
        return span.heatsink_c >= limit_c

    def _waits(self, span: Span) -> bool:
        return (TripCode.OVER_TEMPERATURE, UNIT) in span.status.waiting
