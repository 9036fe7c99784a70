"""Judge a repeated test by its worst result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from instruments.errors import UsageError
from rig.measure.limits import Limit, RuleName
from rig.measure.measurement import Measurement
from rig.measure.rules import Outcome, margin
from rig.measure.verdict import Result, Verdict, judge

__all__ = ["judge_worst", "worst_of"]

_SEVERITY: dict[Outcome, int] = {"FAIL": 0, "INCONCLUSIVE": 1, "PASS": 2}


def worst_of(
    results: Sequence[Result],
    limit: Limit,
    rule: RuleName | None = None,
    *,
    engineering: bool = False,
) -> Result:
    """Return the result that decides: a FAIL, else an INCONCLUSIVE, else the smallest margin."""
    if not results:
        raise UsageError(f"{limit.requirement}: no result to choose the worst of")
    return min(results, key=lambda result: _rank(result, limit, rule, engineering))


def _rank(
    result: Result, limit: Limit, rule: RuleName | None, engineering: bool
) -> tuple[int, float]:
    left = margin(limit, result.value) if isinstance(result, Measurement) else -math.inf
    outcome = judge(result, limit, rule, engineering=engineering).outcome
    return _SEVERITY[outcome], -math.inf if math.isnan(left) else left


def judge_worst(
    results: Sequence[Result],
    limit: Limit,
    rule: RuleName | None = None,
    *,
    engineering: bool = False,
) -> Verdict:
    """Judge a repeated test by its worst result and its uncertainty, and state the spread."""
    worst = worst_of(results, limit, rule, engineering=engineering)
    verdict = judge(worst, limit, rule, engineering=engineering)
    values = [r.value for r in results if isinstance(r, Measurement)]
    spread = f"; worst of {len(results)}"
    if values:
        spread += f", {min(values):.6g} to {max(values):.6g} {limit.unit}"
    return replace(verdict, reason=verdict.reason + spread)
