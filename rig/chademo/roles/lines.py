"""The discrete lines of the plug (facts: chademo.md section 3.1)."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

__all__ = ["Line", "Lines"]


class Line(StrEnum):
    """True is active: +12 V on d1, ground on d2 and k, plugged in, locked."""

    D1 = "d1"
    D2 = "d2"
    K = "k"
    PROXIMITY = "proximity"
    LOCK = "lock"


class Lines(Protocol):
    """One side's access to the lines; levels are those on the wire, not what was asked for."""

    def read(self, line: Line) -> bool:
        """Return the level now."""

    def set(self, line: Line, on: bool) -> None:
        """Drive a line that belongs to this side; setting the same level again is harmless."""

    def changed_s(self, line: Line) -> float:
        """Return the clock time of the line's last change, 0 when it never did."""
