"""Overload of the inverter: stages over apparent power (R-OVL-01 to 06)."""

from __future__ import annotations

from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.protections.stages import StageSet
from rig.virtual.unit.readings import Span, at
from rig.virtual.unit.trips import UNIT, Decision, Trip, TripCode, clamp_u16

__all__ = ["InverterOverload"]


class InverterOverload:
    """Trip the unit; the value is the apparent power in % of the rating."""

    def __init__(self, parameters: Parameters) -> None:
        self._rating_va = parameters.rating_va
        self._stages = StageSet(parameters.stages, parameters.rating_va, parameters.leak_s_per_s)

    @property
    def memory_percent(self) -> float:
        """How full the fullest stage is."""
        return self._stages.percent

    def find(self, span: Span) -> int | None:
        """Return when a stage is full."""
        return self._stages.find(span.apparent_va) if span.status.inverter_on else None

    def live(self, span: Span, ticks: int) -> None:
        """Fill and leak."""
        self._stages.live(span.apparent_va, ticks)

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the unit."""
        percent = 100.0 * at(span.apparent_va, ticks) / self._rating_va
        return [Trip(TripCode.OVERLOAD_INVERTER, UNIT, clamp_u16(percent))]

    def standing(self, span: Span) -> bool:
        """Say no: without output there is no load to see."""
        return False
