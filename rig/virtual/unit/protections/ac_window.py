"""The output's voltage and frequency: one supervision a quantity and direction (R-VF-01 to 03)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from rig.virtual.unit.parameters import AcWindow, Limit
from rig.virtual.unit.protections.delayed import Condition, Delayed
from rig.virtual.unit.readings import Span, at
from rig.virtual.unit.trips import UNIT, Decision, Trip, TripCode, clamp_u16

__all__ = ["AcFrequency", "AcVoltage"]


class AcVoltage:
    """Trip the unit when the output leaves one side of the window; the value is in 0.1 V."""

    def __init__(self, side: Literal["over", "under"], slow: Limit, fast: Limit) -> None:
        self._over = side == "over"
        self._limits = [(each.value, Delayed(each.time_s)) for each in (slow, fast)]
        self._code = TripCode.AC_OVER_VOLTAGE if self._over else TripCode.AC_UNDER_VOLTAGE

    def find(self, span: Span) -> int | None:
        """Return when a voltage has been outside for long enough."""
        if not span.status.supervised:
            return None
        found = [delayed.find(self._outside(span, limit)) for limit, delayed in self._limits]
        return min((n for n in found if n is not None), default=None)

    def live(self, span: Span, ticks: int) -> None:
        """Count the time outside; forget it while nothing is supervised."""
        for limit, delayed in self._limits:
            if span.status.supervised:
                delayed.live(self._outside(span, limit), ticks)
            else:
                delayed.reset()

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the unit."""
        return [Trip(self._code, UNIT, clamp_u16(10.0 * at(span.ac_voltage_v, ticks)))]

    def standing(self, span: Span) -> bool:
        """Say no: without output there is no voltage to see."""
        return False

    def _outside(self, span: Span, limit: float) -> Condition:
        return span.ac_voltage_v > limit if self._over else span.ac_voltage_v < limit


class AcFrequency:
    """Trip the unit when the frequency is off; the value is in 0.01 Hz."""

    def __init__(self, window: AcWindow) -> None:
        self._nominal_hz = window.frequency_hz
        self._deviation_hz = window.frequency.value
        self._delayed = Delayed(window.frequency.time_s)

    def find(self, span: Span) -> int | None:
        """Return when the frequency has been off for long enough."""
        return self._delayed.find(self._off(span)) if span.status.supervised else None

    def live(self, span: Span, ticks: int) -> None:
        """Count the time off; forget it while nothing is supervised."""
        if span.status.supervised:
            self._delayed.live(self._off(span), ticks)
        else:
            self._delayed.reset()

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the unit."""
        return [Trip(TripCode.FREQUENCY, UNIT, clamp_u16(100.0 * at(span.ac_frequency_hz, ticks)))]

    def standing(self, span: Span) -> bool:
        """Say no: without output there is no frequency to see."""
        return False

    def _off(self, span: Span) -> Condition:
        deviation = np.abs(np.subtract(span.ac_frequency_hz, self._nominal_hz))
        off: Condition = deviation > self._deviation_hz
        return off
