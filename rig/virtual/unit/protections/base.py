"""What every protection is: it says when it will decide, lives through ticks, and decides."""

from __future__ import annotations

from typing import Protocol

from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import Decision

__all__ = ["Protection"]


class Protection(Protocol):
    """One protection, on block and steady spans alike.

    The firmware asks all of them, lives all of them up to the earliest tick any names, and lets
    those that named it decide. A protection that a unit does not have decides never.
    """

    def find(self, span: Span) -> int | None:
        """Return after how many ticks of the span (1 on) it will decide; changes nothing.

        On a steady span the answer may lie beyond the span's end.
        """

    def live(self, span: Span, ticks: int) -> None:
        """Live through the first ``ticks`` of the span."""

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Decide on the tick it named, after having lived up to it."""

    def standing(self, span: Span) -> bool:
        """Say whether a cause stands now that forbids a start or an acknowledge."""
