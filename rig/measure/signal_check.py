"""Whether a signal stayed inside a band: by which share of its time, by how much, and where not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UsageError
from rig.measure.series import Series

__all__ = ["Outside", "SignalCheck", "check_band"]

_Floats = NDArray[np.float64]
_MOST_PLACES = 20
_MOST_POINTS = 400
"""Points of a line or band that go into the record, to be drawn."""


@dataclass(frozen=True, slots=True)
class Outside:
    """One stretch outside the band, with the value that was furthest out."""

    start_s: float
    end_s: float
    worst: float


@dataclass(frozen=True, slots=True, eq=False)
class SignalCheck:
    """A signal against a band.

    ``excess`` is how far the band would have to be widened for ``fraction`` of the time to be
    inside it, in the signal's unit; 0 or less where it is.
    """

    what: str
    series: Series
    low: _Floats
    high: _Floats
    """The band at each of the series' instants; infinite where there is no bound."""
    fraction: float
    share: float
    """The part of the time that was inside."""
    excess: float
    decided_by: float
    """The value that decides ``excess``."""
    outside: tuple[Outside, ...]

    @property
    def holds(self) -> bool:
        """Whether enough of the signal was inside, uncertainty left aside."""
        return self.excess <= 0.0

    def __str__(self) -> str:
        head = f"{self.series.name} {self.what}: {100 * self.share:.4g} % of the time"
        head += f" (wanted {100 * self.fraction:g} %)"
        if not self.outside:
            return head
        first = self.outside[0]
        unit = self.series.unit
        return (
            f"{head}; first outside from {first.start_s:.6g} to {first.end_s:.6g} s,"
            f" worst {first.worst:.6g} {unit}"
        )

    def to_json(self) -> dict[str, object]:
        """Return plain data to draw it from: the band, the line where it is derived, the places."""
        series = self.series
        return {
            "what": self.what,
            "name": series.name,
            "unit": series.unit,
            "channel": series.channel,
            "fraction": self.fraction,
            "share": self.share,
            "band": _band(series.t_s, self.low, self.high, series.end_s),
            "line": [] if series.channel else _line(series),
            "outside": [[o.start_s, o.end_s, o.worst] for o in self.outside],
        }


def check_band(
    series: Series, what: str, low: _Floats, high: _Floats, fraction: float
) -> SignalCheck:
    """Hold a series against a band, value by value; each counts for the time it stands."""
    if not 0.0 < fraction <= 1.0:
        raise UsageError(f"fraction: expected above 0 and up to 1, got {fraction}")
    beyond = np.maximum(low - series.values, series.values - high)
    beyond = np.where(np.isnan(beyond), math.inf, beyond)
    weights = series.durations_s / float(np.sum(series.durations_s))
    order = np.argsort(beyond, kind="stable")
    reached = np.cumsum(weights[order])
    deciding = int(order[min(int(np.searchsorted(reached, fraction - 1e-9)), order.size - 1)])
    return SignalCheck(
        what,
        series,
        low,
        high,
        fraction,
        share=min(float(np.sum(weights[beyond <= 0.0])), 1.0),
        excess=float(beyond[deciding]),
        decided_by=float(series.values[deciding]),
        outside=_places(series, beyond),
    )


def _places(series: Series, beyond: _Floats) -> tuple[Outside, ...]:
    """Return the first stretches outside, each with its worst value."""
    out = np.concatenate([[False], beyond > 0.0, [False]])
    edges = np.flatnonzero(out[1:] != out[:-1])
    ends_s = np.append(series.t_s[1:], series.end_s)
    found = []
    for first, last in edges.reshape(-1, 2)[:_MOST_PLACES].tolist():
        worst = first + int(np.argmax(beyond[first:last]))
        found.append(
            Outside(float(series.t_s[first]), float(ends_s[last - 1]), float(series.values[worst]))
        )
    return tuple(found)


def _band(t_s: _Floats, low: _Floats, high: _Floats, end_s: float) -> list[list[float | None]]:
    """Return the corners of the band: every instant at which a bound bends, and the ends."""
    if t_s.size < 3:
        kept = np.arange(t_s.size)
    else:
        bends = np.zeros(t_s.size, bool)
        bends[[0, -1]] = True
        for bound in (low, high):
            bends |= _bends(t_s, bound)
        kept = np.flatnonzero(bends)
    step = max(math.ceil(kept.size / _MOST_POINTS), 1)
    points: list[list[float | None]] = []
    for i in kept[::step].tolist():
        bounds = [_plain(low[i]), _plain(high[i])]
        if step == 1 and i - 1 in kept and points[-1][1:] != bounds:
            points.append([float(t_s[i]), *points[-1][1:]])  # a value holds until the next
        points.append([float(t_s[i]), *bounds])
    return [*points, [end_s, _plain(low[-1]), _plain(high[-1])]]


def _bends(t_s: _Floats, bound: _Floats) -> NDArray[np.bool_]:
    finite = np.where(np.isfinite(bound), bound, 0.0)
    slope = np.diff(finite) / np.diff(t_s)
    scale = float(np.max(np.abs(slope))) or 1.0
    bent = np.zeros(t_s.size, bool)
    bent[1:-1] = np.abs(np.diff(slope)) > 1e-6 * scale
    return bent


def _line(series: Series) -> list[list[float]]:
    step = max(math.ceil(series.t_s.size / _MOST_POINTS), 1)
    pairs = zip(series.t_s[::step].tolist(), series.values[::step].tolist(), strict=True)
    return [[t, v] for t, v in pairs]


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
