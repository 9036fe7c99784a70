"""The order of events on one time base: before, after, or not to be told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from instruments.errors import UsageError
from rig.measure.measurement import Evidence, Measurement
from rig.measure.quantity import COVERAGE_FACTOR, Budget, Component

__all__ = ["Event", "OrderCheck", "Relation", "in_order", "relation"]

Relation = Literal["before", "after", "cannot be told apart"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at an instant of a time base, with its standard uncertainty."""

    name: str
    t_s: float
    u_s: float
    time_base: str
    """The capture, or the clock, that both instants of a comparison must share."""
    instruments: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def end_of(cls, name: str, result: Measurement) -> Event:
        """Take the end of what a measurement timed; its uncertainty is at most the whole's."""
        evidence = result.evidence
        if result.end_s is None or not evidence.capture:
            raise UsageError(f"{name}: {result.quantity_name} has no end in a capture")
        return cls(
            name,
            result.end_s,
            result.budget.u,
            evidence.capture,
            evidence.instruments,
            result.problems,
        )


def relation(first: Event, second: Event) -> Relation:
    """Say which of two events came first, where they are further apart than U."""
    _same_base(first, second)
    apart_s = second.t_s - first.t_s
    if abs(apart_s) <= COVERAGE_FACTOR * math.hypot(first.u_s, second.u_s):
        return "cannot be told apart"
    return "before" if apart_s > 0.0 else "after"


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """Events in the order that was wanted, and how each stands to the next."""

    events: tuple[Event, ...]
    relations: tuple[Relation, ...]

    @property
    def holds(self) -> bool:
        """Whether every event came before the next, beyond doubt."""
        return all(each == "before" for each in self.relations)

    def __str__(self) -> str:
        pairs = zip(pairwise(self.events), self.relations, strict=True)
        return "; ".join(
            f"{a.name} {how} {b.name} ({(b.t_s - a.t_s) * 1e3:+.4g} ms)" for (a, b), how in pairs
        )

    def measurement(self, quantity_name: str) -> Measurement:
        """Return the least distance between an event and the next, s: above 0 in order."""
        first, second = min(pairwise(self.events), key=lambda p: p[1].t_s - p[0].t_s)
        components = (
            Component(first.name, "B", "normal", first.u_s),
            Component(second.name, "B", "normal", second.u_s),
        )
        instruments = dict.fromkeys(i for each in self.events for i in each.instruments)
        return Measurement(
            quantity_name,
            second.t_s - first.t_s,
            "s",
            Budget("s", components),
            Evidence(first.time_base, tuple(instruments)),
            tuple(dict.fromkeys(p for each in self.events for p in each.problems)),
            notes=(str(self),),
        )


def in_order(*events: Event) -> OrderCheck:
    """Hold events against the order they are given in; all must share one time base."""
    if len(events) < 2:
        raise UsageError("an order needs two events or more")
    return OrderCheck(events, tuple(relation(a, b) for a, b in pairwise(events)))


def _same_base(first: Event, second: Event) -> None:
    if first.time_base != second.time_base:
        raise UsageError(
            f"{first.name} ({first.time_base}) and {second.name} ({second.time_base}) share no"
            " time base: their order cannot be known"
        )
