"""Insulation against earth: of the pack (R-ISO-01), and of a floating output (R-ISO-02).

The reading is a conductance that follows the true one with the time constant of the measuring
circuit; when it will pass a level is solved, not stepped.
"""

from __future__ import annotations

import math

from rig.virtual.unit.contract import Insulation
from rig.virtual.unit.parameters_earth import InsulationParameters
from rig.virtual.unit.readings import Span
from rig.virtual.unit.ticks import TICKS_PER_S
from rig.virtual.unit.trips import UNIT, Decision, Trip, TripCode, Warn, clamp_u16

__all__ = ["InsulationMonitor"]

_LEAST_OHM = 1.0
_AGAIN = 1.1
"""A warning is given anew when the resistance had risen by this factor in between."""


class InsulationMonitor:
    """Trip the unit below a resistance, warn below another; the value is in 0.1 kilohm."""

    def __init__(self, code: TripCode, settings: InsulationParameters) -> None:
        self._code, self._settings = code, settings
        self._trip_s = 1.0 / settings.trip_ohm
        self._warn_s = math.inf if settings.warn_ohm is None else 1.0 / settings.warn_ohm
        self._reading_s = 0.0
        self._warned = False

    @property
    def reading_ohm(self) -> float:
        """What the monitor reads now; inf = nothing conducts."""
        return 1.0 / self._reading_s if self._reading_s > 0.0 else math.inf

    def find(self, span: Span) -> int | None:
        """Return when the reading passes a level that matters now."""
        if not self._in_force(span) or self._pauses(span):
            return None
        levels = [] if self._warned else [self._warn_s]
        if span.status.armed:
            levels.append(self._trip_s)
        found = (self._passes(span, level_s) for level_s in levels)
        return min((n for n in found if n is not None), default=None)

    def live(self, span: Span, ticks: int) -> None:
        """Let the reading follow."""
        if not self._in_force(span):
            self._reading_s = 0.0
            return
        if self._pauses(span):
            return
        target_s = self._target_s(span)
        left = math.exp(-ticks / self._constant_ticks(span))
        self._reading_s = target_s + (self._reading_s - target_s) * left
        if self._reading_s * _AGAIN < self._warn_s:
            self._warned = False

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Warn, or trip the unit."""
        value = clamp_u16(self.reading_ohm / 100.0)
        due: list[Decision] = []
        if self._reading_s >= self._warn_s and not self._warned:
            self._warned = True
            due.append(Warn(self._code, UNIT, value))
        if span.status.armed and self._reading_s >= self._trip_s:
            due.append(Trip(self._code, UNIT, value))
        return due

    def standing(self, span: Span) -> bool:
        """Say whether the insulation is too low to run."""
        return self._in_force(span) and self._reading_s >= self._trip_s

    def _in_force(self, span: Span) -> bool:
        return self._code is TripCode.INSULATION_DC or not span.status.earthed

    def _pauses(self, span: Span) -> bool:
        """Say whether the reading stands, since somebody else measures between pack and chassis."""
        return self._code is TripCode.INSULATION_DC and span.status.evps_tests_insulation

    def _passes(self, span: Span, level_s: float) -> int | None:
        """Return after how many ticks the reading has risen to a level; None = it does not."""
        if self._reading_s >= level_s:
            return 1
        target_s = self._target_s(span)
        if target_s <= level_s:
            return None
        part = (target_s - self._reading_s) / (target_s - level_s)
        ticks = math.ceil(self._constant_ticks(span) * math.log(part))
        # One more where rounding leaves the reading a hair below.
        left = math.exp(-ticks / self._constant_ticks(span))
        return max(1, ticks + (target_s + (self._reading_s - target_s) * left < level_s))

    def _target_s(self, span: Span) -> float:
        it, sees = self._of(span), self._settings.sees
        first = 1.0 / max(it.first_ohm, _LEAST_OHM) if sees != "second" else 0.0
        second = 1.0 / max(it.second_ohm, _LEAST_OHM) if sees != "first" else 0.0
        return (first + second) / self._settings.gain

    def _constant_ticks(self, span: Span) -> float:
        settings = self._settings
        return TICKS_PER_S * (settings.settles_s + settings.per_farad_s * self._of(span).farad)

    def _of(self, span: Span) -> Insulation:
        dc = self._code is TripCode.INSULATION_DC
        return span.pack_insulation if dc else span.output_insulation
