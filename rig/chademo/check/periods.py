"""Judge the period of every frame, and the order of a side's frames (facts: section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from rig.chademo.check.case import Case
from rig.chademo.check.limits import Limits
from rig.chademo.frames import CATALOGUE, Side

__all__ = ["Period", "Periods"]

_ORDER = {
    Side.VEHICLE: (0x100, 0x101, 0x102, 0x200, 0x110, 0x201, 0x700, 0x202),
    Side.CHARGER: (0x108, 0x109, 0x118, 0x208, 0x209),
}
_PLACES = {identifier: n for order in _ORDER.values() for n, identifier in enumerate(order)}
_FIXED = frozenset({0x100, 0x101, 0x102, 0x108, 0x109})
"""Frames whose order the facts state for all; the others are known from one maker only."""
_FEW_GAPS = 10


@dataclass(slots=True)
class Period:
    """How one frame came: counts and gaps in seconds."""

    frames: int = 0
    last_s: float = -inf
    total_s: float = 0.0
    shortest_s: float = inf
    longest_s: float = 0.0
    stray: int = 0
    """Gaps outside the tolerance, lost frames apart."""
    lost: int = 0
    """Gaps in which one frame is missing."""

    @property
    def gaps(self) -> int:
        """The number of gaps."""
        return max(self.frames - 1, 0)

    @property
    def mean_s(self) -> float:
        """The mean gap, 0 when there is none."""
        return self.total_s / self.gaps if self.gaps else 0.0

    def take(self, t_s: float, limits: Limits) -> float:
        """Count a frame and return the gap before it, 0 for the first."""
        gap_s = t_s - self.last_s
        self.last_s = t_s
        self.frames += 1
        if self.frames == 1:
            return 0.0
        self.total_s += gap_s
        self.shortest_s = min(self.shortest_s, gap_s)
        self.longest_s = max(self.longest_s, gap_s)
        if gap_s > limits.lost_frame_s:
            self.lost += 1
        elif abs(gap_s - limits.period_s) > limits.period_tolerance_s:
            self.stray += 1
        return gap_s


class _Order:
    """The order of one side's frames within a cycle; a cycle ends with a pause."""

    def __init__(self, case: Case, side: Side) -> None:
        self._case, self._side = case, side
        self._last_s = -inf
        self._cycle: list[int] = []

    def take(self, identifier: int, t_s: float) -> None:
        """Judge one frame by those before it in its cycle."""
        pause = t_s - self._last_s > self._case.limits.cycle_pause_s
        self._last_s = t_s
        place = _PLACES.get(identifier)
        if pause or identifier in self._cycle:
            self._cycle.clear()
        if place is None:
            return
        later = next((each for each in self._cycle if _PLACES[each] > place), None)
        self._cycle.append(identifier)
        if later is not None:
            self._report(identifier, later)

    def _report(self, identifier: int, later: int) -> None:
        message = f"0x{identifier:03X} comes after 0x{later:03X} in one cycle"
        if {identifier, later} <= _FIXED:
            self._case.error("order of frames", self._side, message, "§1")
        else:
            self._case.note("order of frames", self._side, message, "§1")


class Periods:
    """Takes every frame of a session, changed or not."""

    def __init__(self, case: Case, *, timed: bool) -> None:
        self._case, self._timed = case, timed
        self.of: dict[int, Period] = {}
        self._orders = {side: _Order(case, side) for side in Side}
        self._sides = {identifier: kind.SENDER for identifier, kind in CATALOGUE.items()}

    def take(self, identifier: int, t_s: float) -> float:
        """Count one frame and return the gap before it; a long gap is an error at once."""
        period = self.of.get(identifier)
        if period is None:
            period = self.of[identifier] = Period()
        gap_s = period.take(t_s, self._case.limits)
        if self._timed:
            self._orders[self._sides[identifier]].take(identifier, t_s)
            if gap_s > self._case.limits.lost_frames_s:
                self._missing(identifier, gap_s, t_s)
        return gap_s

    def finished(self) -> None:
        """Judge the periods of the whole session."""
        if not self._timed:
            return
        for identifier, period in sorted(self.of.items()):
            self._judge(identifier, period)
            self._judge_end(identifier, period)

    def _missing(self, identifier: int, gap_s: float, t_s: float) -> None:
        self._case.error(
            f"period of 0x{identifier:03X}: gap",
            self._sides[identifier],
            f"0x{identifier:03X} is missing for {1e3 * gap_s:.0f} ms;"
            " one lost frame is to be tolerated, no more",
            "§1",
            t_s=t_s - gap_s,
        )

    def _judge(self, identifier: int, period: Period) -> None:
        limits, side = self._case.limits, self._sides[identifier]
        rule = f"period of 0x{identifier:03X}"
        if period.lost:
            self._case.note(
                f"{rule}: lost frame",
                side,
                f"0x{identifier:03X} is missing {period.lost} times, for at most"
                f" {1e3 * period.longest_s:.0f} ms",
                "§1",
            )
        if not period.stray:
            return
        told = (
            f"0x{identifier:03X} came every {1e3 * period.mean_s:.1f} ms"
            f" ({1e3 * period.shortest_s:.1f}…{1e3 * period.longest_s:.1f} ms); {period.stray} of"
            f" {period.gaps} gaps are not 100 ±10 ms"
        )
        often = period.stray > limits.period_stray_share * period.gaps
        if often and period.stray >= min(_FEW_GAPS, period.gaps):
            self._case.error(rule, side, told, "§1")
        else:
            self._case.note(rule, side, told, "§1")

    def _judge_end(self, identifier: int, period: Period) -> None:
        """Find a frame that stopped while the rest of its side went on."""
        side = self._sides[identifier]
        last_s = max(each.last_s for n, each in self.of.items() if self._sides[n] is side)
        if last_s - period.last_s > self._case.limits.lost_frames_s and period.frames > 1:
            self._case.error(
                f"period of 0x{identifier:03X}: gap",
                side,
                f"0x{identifier:03X} stops, the {side} goes on for {last_s - period.last_s:.1f} s",
                "§1",
                t_s=period.last_s,
            )
