"""Recorded verdicts as a table, and by how far they stand from their limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from rig.measure import Component, Verdict

__all__ = ["SEVERITY", "Margin", "margin_of", "verdict_of", "verdict_table"]


def verdict_of(data: dict[str, Any]) -> Verdict:
    """Return the verdict of a ``verdict`` event."""
    fields = {name: data[name] for name in _PLAIN}
    components = tuple(
        Component(
            c["name"],
            c["type"],
            c["distribution"],
            c["u"],
            c["sensitivity"],
            c.get("degrees_of_freedom") or math.inf,
        )
        for c in data["components"]
    )
    return Verdict(
        **fields,
        instruments=tuple(data["instruments"]),
        problems=tuple(data["problems"]),
        components=components,
        degrees_of_freedom=data.get("degrees_of_freedom") or math.inf,
        not_for_sign_off=tuple(data.get("not_for_sign_off") or ()),
    )


SEVERITY = {"FAIL": 0, "INCONCLUSIVE": 1, "PASS": 2}
"""The worst outcome first."""

_PLAIN = (
    "outcome",
    "requirement",
    "quantity",
    "value",
    "unit",
    "expanded_uncertainty",
    "k",
    "limit",
    "limit_version",
    "rule",
    "zone",
    "acceptance_low",
    "acceptance_high",
    "reason",
    "capture",
)


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """Return verdicts as an HTML table, one a row; empty without verdicts."""
    if not verdicts:
        return ""
    head = ("verdict", "requirement", "found", "limit", "accepted")
    rows = [_row("th", head), *(_row("td", _cells(each)) for each in verdicts)]
    rules = sorted({each.rule.replace("_", " ") for each in verdicts})
    instruments = sorted({name for each in verdicts for name in each.instruments})
    below = f"Decision rule: {', '.join(rules)}; ± is the expanded uncertainty, for about 95 %."
    if instruments:
        below += f" Instruments: {', '.join(instruments)}."
    return f"<table>{''.join(rows)}</table><p>{escape(below)}</p>"


def _row(tag: str, cells: Sequence[str]) -> str:
    inside = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
    return f"<tr>{inside}</tr>"


def _cells(verdict: Verdict) -> tuple[str, ...]:
    mark = ", engineering" if verdict.not_for_sign_off else ""
    return (
        verdict.outcome + mark,
        f"{verdict.requirement} v{verdict.limit_version}",
        _found(verdict),
        verdict.limit,
        _accepted(verdict),
    )


def _found(verdict: Verdict) -> str:
    """Cut the sentence of a verdict down to what was found."""
    text = verdict.sentence().removeprefix(f"{verdict.requirement} ")
    return text.split(", limit ", 1)[0].replace("+-", "±")


def _accepted(verdict: Verdict) -> str:
    """Return the bounds of acceptance; none where nothing could be compared with them."""
    if verdict.zone is None:
        return "-"
    low, high = verdict.acceptance_low, verdict.acceptance_high
    unit = "" if verdict.unit == "1" else f" {verdict.unit}"
    if low is not None and high is not None:
        return f"{low:.6g} to {high:.6g}{unit}"
    if high is not None:
        return f"up to {high:.6g}{unit}"
    return "-" if low is None else f"from {low:.6g}{unit}"


@dataclass(frozen=True, slots=True, order=True)
class Margin:
    """How far a value stands inside its limit; the least of several is the worst."""

    severity: int
    """0 for a FAIL, 1 for an INCONCLUSIVE, 2 for a PASS: a failure outdoes any small margin."""
    share: float
    """Of the limit; negative outside it; infinite where no value was found and none was wanted."""
    text: str = field(compare=False)


def margin_of(verdict: Verdict) -> Margin:
    """Return the distance of a verdict's value from the nearer bound of its limit."""
    guard = 0.0 if verdict.rule == "simple_acceptance" else verdict.expanded_uncertainty
    value, severity = verdict.value, SEVERITY[verdict.outcome]
    name = verdict.quantity.replace("_", " ")
    if verdict.zone is None and verdict.problems:
        return Margin(severity, -math.inf, f"{name} not judged: {verdict.problems[0]}")
    if value is None or "no trip" in verdict.limit:
        good = verdict.outcome == "PASS"
        return Margin(severity, math.inf if good else -math.inf, verdict.reason or "not seen")
    bounds = []
    if verdict.acceptance_low is not None:
        low = verdict.acceptance_low - guard
        bounds.append((value - low, low))
    if verdict.acceptance_high is not None:
        high = verdict.acceptance_high + guard
        bounds.append((high - value, high))
    if not bounds:
        return Margin(severity, math.inf, "no bound")
    left, bound = min(bounds, key=lambda each: each[0])
    unit = "" if verdict.unit == "1" else f" {verdict.unit}"
    side = "inside" if left >= 0.0 else "outside"
    if severity == SEVERITY["PASS"] and left == verdict.expanded_uncertainty == 0.0:
        # An exact count that is as wanted is not close to its limit.
        return Margin(severity, math.inf, f"{name} {value:.4g}{unit}, as wanted")
    text = f"{name} {value:.4g}{unit}, {abs(left):.3g}{unit} {side} {verdict.limit}"
    return Margin(severity, left / abs(bound) if bound else left, text)
