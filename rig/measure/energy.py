"""Energy from interval means: sums without drift, gaps stated, every source in the budget."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from instruments.errors import UsageError
from rig.measure.measurement import Evidence, Measurement
from rig.measure.quantity import Budget, Component

__all__ = ["Interval", "energy"]

_SECONDS_AN_HOUR = 3600.0
_TOUCHING = 1e-6
"""Intervals whose ends differ by less than this share of one are gap-free."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The mean power over a stretch of time, as an integrating meter gives it."""

    start_s: float
    end_s: float
    mean_w: float

    @property
    def duration_s(self) -> float:
        """How long it lasted."""
        return self.end_s - self.start_s


def energy(
    intervals: Iterable[Interval],
    *,
    u_gain: float,
    u_zero_w: float,
    u_time_base: float,
    u_phase_rad: float = 0.0,
    longest_gap_s: float = 0.0,
    evidence: Evidence | None = None,
    reactive_var: float = 0.0,
) -> Measurement:
    """Return the energy of interval means in Wh; a gap counts with the mean of its neighbours.

    An interval without a value (not finite) is a gap; at either end of the time it is a problem.

    ``u_gain`` and ``u_time_base`` are relative; ``u_phase_rad`` is the phase error between voltage
    and current, which takes its share of ``reactive_var``, the mean reactive power. A gap longer
    than ``longest_gap_s`` is a problem (facts/domain.md section 2.7).
    """
    given = sorted(intervals, key=lambda each: each.start_s)
    _ascending(given)
    parts = [each for each in given if math.isfinite(each.mean_w)]
    if not parts:
        raise UsageError("energy: expected intervals with values, got none")
    known_ws = math.fsum(each.mean_w * each.duration_s for each in parts)
    gaps = [_gap(a, b) for a, b in pairwise(parts) if b.start_s > a.end_s + _touch(a)]
    filled_ws = math.fsum(gap.mean_w * gap.duration_s for gap in gaps)
    total_wh = (known_ws + filled_ws) / _SECONDS_AN_HOUR
    hours = (parts[-1].end_s - parts[0].start_s) / _SECONDS_AN_HOUR
    lost_s = math.sqrt(math.fsum(gap.duration_s**2 for gap in gaps))
    components = (
        Component("gain of the meter", "B", "normal", u_gain, total_wh),
        Component("zero of the meter", "B", "normal", u_zero_w, hours),
        Component("phase between volts and amps", "B", "normal", u_phase_rad, reactive_var * hours),
        Component("clock", "B", "normal", u_time_base, total_wh),
        Component("power in the gaps", "A", "normal", _spread(parts), lost_s / _SECONDS_AN_HOUR),
    )
    return Measurement(
        "energy",
        total_wh,
        "Wh",
        Budget("Wh", tuple(c for c in components if c.contribution > 0.0)),
        evidence or Evidence(),
        (*_too_long(gaps, longest_gap_s), *_cut_off(given, parts)),
        notes=(_said(parts, gaps),),
    )


def _ascending(parts: Sequence[Interval]) -> None:
    if not parts or not all(each.duration_s > 0.0 for each in parts):
        raise UsageError("energy: expected intervals of more than no time")
    for a, b in pairwise(parts):
        if b.start_s < a.end_s - _touch(a):
            raise UsageError(f"energy: intervals overlap at {b.start_s:.6g} s")


def _touch(part: Interval) -> float:
    return _TOUCHING * part.duration_s


def _gap(before: Interval, after: Interval) -> Interval:
    return Interval(before.end_s, after.start_s, 0.5 * (before.mean_w + after.mean_w))


def _spread(parts: Sequence[Interval]) -> float:
    """Return by how much the power of one interval differs from the mean of its neighbours."""
    if len(parts) < 3:
        return max(abs(each.mean_w) for each in parts)
    off = (
        (b.mean_w - 0.5 * (a.mean_w + c.mean_w)) ** 2
        for a, b, c in zip(parts, parts[1:], parts[2:], strict=False)
    )
    return math.sqrt(math.fsum(off) / (len(parts) - 2))


def _too_long(gaps: Sequence[Interval], longest_s: float) -> tuple[str, ...]:
    longest = max((gap.duration_s for gap in gaps), default=0.0)
    if longest <= longest_s:
        return ()
    return (f"energy: no interval for {longest:.3g} s, at most {longest_s:g} s were allowed",)


def _cut_off(given: Sequence[Interval], known: Sequence[Interval]) -> tuple[str, ...]:
    """Say where the time does not begin or end with a known value, so that some is not counted."""
    if (given[0], given[-1]) == (known[0], known[-1]):
        return ()
    return ("energy: no value at the beginning or the end",)


def _said(parts: Sequence[Interval], gaps: Sequence[Interval]) -> str:
    lost_s = math.fsum(gap.duration_s for gap in gaps)
    return f"{len(parts)} intervals, {len(gaps)} gaps of {lost_s:.6g} s in all"
