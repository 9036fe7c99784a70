"""The pack's voltage: under-voltage returns by itself, over-voltage latches (R-DC-01)."""

from __future__ import annotations

from typing import Literal

from rig.virtual.unit.parameters import DcWindow
from rig.virtual.unit.protections.delayed import Delayed
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import UNIT, Decision, Restore, Trip, TripCode, clamp_u16

__all__ = ["DcVoltage"]


class DcVoltage:
    """Trip the unit when the pack leaves one side of the window; the value is in 0.1 V."""

    def __init__(self, side: Literal["over", "under"], window: DcWindow) -> None:
        self._over = side == "over"
        limit = window.over if self._over else window.under
        self._limit_v = limit.value
        self._back_v = limit.value + (-1 if self._over else 1) * window.hysteresis_v
        self._gone = Delayed(limit.time_s)
        self._back = Delayed(window.return_s)
        self._code = TripCode.DC_OVER_VOLTAGE if self._over else TripCode.DC_UNDER_VOLTAGE

    def find(self, span: Span) -> int | None:
        """Return when the pack has been outside, or back inside, for long enough."""
        if span.status.armed:
            return self._gone.find(self._beyond(span, self._limit_v))
        if self._waits(span):
            return self._back.find(not self._beyond(span, self._back_v))
        return None

    def live(self, span: Span, ticks: int) -> None:
        """Count the time outside, and after a trip the time back inside."""
        self._gone.live(self._beyond(span, self._limit_v), ticks)
        if self._waits(span):
            self._back.live(not self._beyond(span, self._back_v), ticks)
        else:
            self._back.reset()

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the unit, or say that the cause is gone."""
        if self._waits(span):
            return [Restore(self._code, UNIT)]
        return [Trip(self._code, UNIT, clamp_u16(10.0 * span.dc_voltage_v))]

    def standing(self, span: Span) -> bool:
        """Say whether the pack is outside now."""
        return self._beyond(span, self._limit_v)

    def _waits(self, span: Span) -> bool:
        return (self._code, UNIT) in span.status.waiting

    def _beyond(self, span: Span, limit_v: float) -> bool:
        return span.dc_voltage_v > limit_v if self._over else span.dc_voltage_v < limit_v
