"""Decision rules: how a value and its expanded uncertainty U stand against a limit.

The acceptance limits lie ``w`` inside the limits: a guard band of w = U accepts a bad unit with
less than 2.5 % (ILAC-G8:09/2019; facts/domain.md section 2.1).
"""

from __future__ import annotations

import math
from typing import Literal

from rig.measure.limits import Limit, RuleName

__all__ = ["Outcome", "Zone", "acceptance_limits", "decide", "margin", "zone_of"]

Outcome = Literal["PASS", "FAIL", "INCONCLUSIVE"]
Zone = Literal["pass", "conditional pass", "conditional fail", "fail"]


def margin(limit: Limit, value: float) -> float:
    """Return how far inside the limit a value is; negative outside, infinite without bounds."""
    below = math.inf if limit.maximum is None else limit.maximum - value
    above = math.inf if limit.minimum is None else value - limit.minimum
    return min(below, above)


def zone_of(limit: Limit, value: float, expanded: float) -> Zone:
    """Return the zone of ILAC-G8's four: inside by U, inside, outside by up to U, outside."""
    if not math.isfinite(value):
        raise ValueError(f"{limit.requirement}: {value} cannot be judged")
    low = -math.inf if limit.minimum is None else limit.minimum
    high = math.inf if limit.maximum is None else limit.maximum
    if low + expanded <= value <= high - expanded:
        return "pass"
    if value < low - expanded or value > high + expanded:
        return "fail"
    return "conditional pass" if low <= value <= high else "conditional fail"


def decide(rule: RuleName, zone: Zone) -> Outcome:
    """Return what a rule makes of a zone; only simple acceptance decides within U of a limit."""
    if rule == "simple_acceptance":
        return "PASS" if zone in ("pass", "conditional pass") else "FAIL"
    if zone == "pass":
        return "PASS"
    return "FAIL" if zone == "fail" else "INCONCLUSIVE"


def acceptance_limits(
    limit: Limit, rule: RuleName, expanded: float
) -> tuple[float | None, float | None]:
    """Return the bounds inside which the rule accepts."""
    guard = 0.0 if rule == "simple_acceptance" else expanded
    return (
        None if limit.minimum is None else limit.minimum + guard,
        None if limit.maximum is None else limit.maximum - guard,
    )
