"""A limit as a verdict uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Kind", "Limit", "RuleName"]

RuleName = Literal["guard_band", "simple_acceptance", "ilac_g8"]

Kind = Literal["window", "trip_time", "no_trip", "count"]
"""``window``: a value between bounds; ``trip_time``: the same, and the trip must come, under a
proven stimulus; ``no_trip``: nothing may trip for ``minimum`` seconds; ``count``: an exact number
of events between bounds."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounds on one quantity of one requirement, with the rule that decides."""

    requirement: str
    version: str
    quantity: str
    unit: str
    minimum: float | None = None
    maximum: float | None = None
    kind: Kind = "window"
    rule: RuleName = "guard_band"

    @property
    def text(self) -> str:
        """The limit in words, without its version."""
        if self.kind == "no_trip":
            return f"no trip in {self.minimum:g} {self.unit}"
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.minimum is None:
            return f"at most {self.maximum:g}{unit}"
        if self.maximum is None:
            return f"at least {self.minimum:g}{unit}"
        return f"{self.minimum:g} to {self.maximum:g}{unit}"
