"""What the plot of a capture has to tell, taken from the recorded events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.traces import Trace
from reports.verdicts import SEVERITY
from rig.measure import Verdict

__all__ = ["Band", "Detail", "Judged", "Level", "LimitWindow", "PlotFacts", "plot_facts"]

_LONG_S = 1.0
"""Of a longer event, the end is magnified."""
_NEAR_END_S = 0.05
_BRIEF = 0.15
"""An event that takes up a smaller share of the view is magnified."""


@dataclass(frozen=True, slots=True)
class LimitWindow:
    """The time in which the end of the current is wanted, or in which it must not come."""

    low_s: float
    high_s: float | None
    """None: no upper bound."""
    hold: bool
    """Whether nothing may trip in the window."""
    text: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A magnified stretch of the record, with what its time is counted from."""

    start_s: float
    end_s: float
    origin_s: float
    origin: str


@dataclass(frozen=True, slots=True)
class Level:
    """A value that the peaks in its unit must stay below, on both sides of zero."""

    value: float
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """What a signal was held against, and where it was outside."""

    unit: str
    text: str
    corners: tuple[tuple[float, float, float], ...]
    """Instant, lower and upper bound; infinite where there is none."""
    line: tuple[tuple[float, float], ...]
    """The signal itself, where it is not a channel of the record."""
    outside: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with the ``measurement`` event it was made from (empty: nothing measured)."""

    verdict: Verdict
    measurement: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class PlotFacts:
    """One plot; instants are s after the trigger."""

    title: tuple[str, ...]
    traces: Sequence[Trace]
    footer: str
    outcome: str = ""
    """The worst of the verdicts; empty without any."""
    starts_s: float | None = None
    """What times are counted from: the stimulus' edge, or the onset seen in the samples."""
    starts_at: str = "stimulus"
    ends_at: str = "end of the current"
    onset_s: float | None = None
    end_s: float | None = None
    expanded_s: float = 0.0
    limit: LimitWindow | None = None
    levels: tuple[Level, ...] = ()
    bands: tuple[Band, ...] = ()
    angle_deg: float | None = None
    problems: tuple[str, ...] = ()

    @property
    def recorded(self) -> tuple[float, float]:
        """First and last instant of the record."""
        return self.traces[0].t0_s, self.traces[0].end_s

    def detail(self) -> Detail | None:
        """Return what is to be magnified beside the view: the end of a long event, a brief one."""
        if self.end_s is None or self.starts_s is None:
            return None
        event_s = max(self.end_s - self.starts_s, 1e-4)
        start, end = self.view()
        if event_s > _LONG_S:
            near_s = _NEAR_END_S
            return Detail(self.end_s - near_s, self.end_s + near_s, self.end_s, "the end")
        if event_s < _BRIEF * (end - start):
            margin_s = 0.7 * event_s
            return Detail(self.starts_s - margin_s, self.end_s + margin_s, 0.0, "the trigger")
        return None

    def view(self) -> tuple[float, float]:
        """Return the stretch worth showing: all of a record that is not much longer than it."""
        first, last = self.recorded
        if self.end_s is None or self.starts_s is None:
            return first, last
        event_s = max(self.end_s - self.starts_s, 1e-3)
        until_s = self.end_s
        if self.limit is not None:
            edges = [self.limit.low_s, self.limit.high_s or 0.0]
            reachable = [self.starts_s + each for each in edges if each <= 4.0 * event_s]
            until_s = max([until_s, *reachable])
        around_s = max(0.3 * (until_s - self.starts_s), 0.03)
        start, end = max(first, self.starts_s - around_s), min(last, until_s + around_s)
        return (start, end) if end - start < 0.6 * (last - first) else (first, last)


def plot_facts(
    capture: dict[str, Any],
    traces: Sequence[Trace],
    judged: Sequence[Judged] = (),
    *,
    angle_deg: float | None = None,
) -> PlotFacts:
    """Join a capture with everything that was measured in it and decided by it."""
    timed = min(filter(_is_timed, judged), key=_importance, default=None)
    by_stimulus = capture.get("trigger") == "stimulus"
    found = timed.measurement if timed else {}
    end_s = found.get("end_s")
    if end_s is None and by_stimulus:
        end_s = found.get("value")
    starts_s, starts_at = _start(timed, by_stimulus, end_s)
    ranked = sorted((each.verdict for each in judged), key=lambda v: SEVERITY[v.outcome])
    return PlotFacts(
        title=_title(capture, ranked),
        outcome=ranked[0].outcome if ranked else "",
        traces=traces,
        footer=_footer(capture, traces),
        starts_s=starts_s,
        starts_at=starts_at,
        ends_at=f"end of the {_what_ends(timed)}",
        onset_s=found.get("onset_s"),
        end_s=end_s,
        expanded_s=timed.verdict.expanded_uncertainty if timed else 0.0,
        limit=_window(timed.verdict) if timed else None,
        levels=tuple(_level(e.verdict) for e in judged if e.verdict.quantity.startswith("peak_")),
        bands=tuple(_band(e.measurement["signal"]) for e in judged if e.measurement.get("signal")),
        angle_deg=capture.get("angle_deg", angle_deg),
        problems=tuple(capture.get("problems") or ()),
    )


def _is_timed(judged: Judged) -> bool:
    """Say whether a verdict is on a time whose end the record knows, or on one never seen."""
    verdict = judged.verdict
    ended = verdict.value is None or judged.measurement.get("end_s") is not None
    return verdict.unit == "s" and (verdict.quantity == "trip_time" or ended)


def _importance(judged: Judged) -> tuple[bool, int]:
    return judged.verdict.quantity != "trip_time", SEVERITY[judged.verdict.outcome]


def _start(
    timed: Judged | None, by_stimulus: bool, end_s: float | None
) -> tuple[float | None, str]:
    """Return what a time counts from, and its name: the edge need not be the trigger itself."""
    found = timed.measurement if timed else {}
    value, onset_s = found.get("value"), found.get("onset_s")
    start_s = 0.0 if by_stimulus else onset_s
    if value is not None and end_s is not None and abs(end_s - value - (start_s or 0.0)) > 1e-9:
        start_s = end_s - value
    if by_stimulus:
        return start_s, "stimulus (trigger)" if start_s == 0.0 else "counted from"
    return start_s, "onset of the current" if start_s == onset_s else "counted from"


def _what_ends(timed: Judged | None) -> str:
    """Return what the end of a time is the end of."""
    quantity = timed.verdict.quantity if timed else ""
    trip = not quantity or quantity.startswith("trip_time") or quantity.endswith("_off")
    return "current" if trip else quantity.replace("_", " ")


def _title(capture: dict[str, Any], ranked: Sequence[Verdict]) -> tuple[str, ...]:
    if not ranked:
        return (f"{capture['id']}: no verdict was based on it",)
    return tuple(each.sentence().replace("+-", "±") for each in ranked)


def _level(verdict: Verdict) -> Level:
    """Return the limit of a peak value as a line on both sides of zero."""
    guard = 0.0 if verdict.rule == "simple_acceptance" else verdict.expanded_uncertainty
    high = verdict.acceptance_high
    value = math.inf if high is None else high + guard
    return Level(value, verdict.unit, f"limit of the peak: {verdict.limit}")


def _band(signal: dict[str, Any]) -> Band:
    """Return the band of a checked signal as the record has it: null means unbounded."""
    corners = (
        (t, -math.inf if low is None else low, math.inf if high is None else high)
        for t, low, high in signal["band"]
    )
    share, wanted = 100 * signal["share"], 100 * signal["fraction"]
    return Band(
        signal["unit"],
        f"{signal['name'].replace('_', ' ')}, {signal['what']}: {share:.4g} % of {wanted:g} %",
        tuple(corners),
        tuple((t, value) for t, value in signal["line"]),
        tuple((start, end) for start, end, _ in signal["outside"]),
    )


def _window(verdict: Verdict) -> LimitWindow:
    guarded = verdict.value is not None and verdict.rule != "simple_acceptance"
    guard = verdict.expanded_uncertainty if guarded else 0.0
    low, high = verdict.acceptance_low, verdict.acceptance_high
    hold = verdict.limit.startswith("no trip")
    low_s = 0.0 if low is None else low - guard
    if hold:
        return LimitWindow(0.0, low_s, hold=True, text=verdict.limit)
    return LimitWindow(
        low_s, None if high is None else high + guard, hold=False, text=f"limit: {verdict.limit}"
    )


def _footer(capture: dict[str, Any], traces: Sequence[Trace]) -> str:
    rate = f"{1.0 / traces[0].dt_s / 1e3:g} kS/s"
    count = f"{traces[0].values.size:,} samples".replace(",", " ")
    socket = capture["socket"]
    return "   ".join(
        (
            f"{capture['id']}, {capture['scope']}" + (f", socket {socket}" if socket else ""),
            f"{rate}, {count}",
            f"SHA-256 {str(capture['sha256'])[:16]}",
        )
    )
