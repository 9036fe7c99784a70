"""From a result and a limit to a verdict: PASS, FAIL, or INCONCLUSIVE with the reason."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from instruments.errors import UsageError
from rig.measure.limits import Limit, RuleName
from rig.measure.measurement import Measurement, NoTripSeen
from rig.measure.quantity import COVERAGE_FACTOR, Budget, Component
from rig.measure.rules import Outcome, Zone, acceptance_limits, decide, zone_of
from rig.measure.waveform import Overdue

__all__ = ["Result", "Verdict", "judge", "judge_no_trip"]

Result = Measurement | NoTripSeen


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided, and everything it was decided by."""

    outcome: Outcome
    requirement: str
    quantity: str
    value: float | None
    """None: no trip was seen."""
    unit: str
    expanded_uncertainty: float
    k: float
    limit: str
    limit_version: str
    rule: RuleName
    zone: Zone | None
    """Where the value stands; None when it could not be compared."""
    acceptance_low: float | None
    acceptance_high: float | None
    reason: str
    capture: str
    instruments: tuple[str, ...]
    problems: tuple[str, ...]
    components: tuple[Component, ...]
    degrees_of_freedom: float = math.inf
    """The effective ones of the uncertainty; ``k`` follows from them."""
    not_for_sign_off: tuple[str, ...] = ()
    """What engineering mode passed over; empty for a verdict that counts."""

    def sentence(self) -> str:
        """Return the verdict as one line for a person."""
        name = self.quantity.replace("_", " ")
        found = "not seen"
        if self.value is not None:
            value, expanded = _rounded(self.value, self.expanded_uncertainty)
            unit = "" if self.unit == "1" else f" {self.unit}"
            found = f"{value}{unit}"
            if self.expanded_uncertainty > 0.0:
                found += f" +- {expanded}{unit} (k={self.k:.3g})"
        line = f"{self.requirement} {name} {found}, limit {self.limit}: {self.outcome}"
        if self.rule == "ilac_g8" and self.zone is not None and "conditional" in self.zone:
            line += f", {self.zone}"
        why = [] if self.outcome == "PASS" else [self.reason]
        if self.not_for_sign_off:
            why.append(f"engineering, not for sign-off: {'; '.join(self.not_for_sign_off)}")
        return f"{line} ({'; '.join(why)})" if why else line

    def to_json(self) -> dict[str, object]:
        """Return plain data with stable keys."""
        return {
            "outcome": self.outcome,
            "requirement": self.requirement,
            "quantity": self.quantity,
            "value": self.value,
            "unit": self.unit,
            "expanded_uncertainty": self.expanded_uncertainty,
            "k": self.k,
            "limit": self.limit,
            "limit_version": self.limit_version,
            "rule": self.rule,
            "zone": self.zone,
            "acceptance_low": self.acceptance_low,
            "acceptance_high": self.acceptance_high,
            "reason": self.reason,
            "capture": self.capture,
            "instruments": list(self.instruments),
            "problems": list(self.problems),
            "not_for_sign_off": list(self.not_for_sign_off),
            "degrees_of_freedom": _plain(self.degrees_of_freedom),
            "components": [
                {
                    "name": c.name,
                    "type": c.kind,
                    "distribution": c.distribution,
                    "u": c.u,
                    "sensitivity": c.sensitivity,
                    "degrees_of_freedom": _plain(c.degrees_of_freedom),
                }
                for c in self.components
            ],
        }


def _plain(degrees_of_freedom: float) -> float | None:
    """Return a number that JSON knows; None for infinitely many."""
    return degrees_of_freedom if math.isfinite(degrees_of_freedom) else None


def judge(
    result: Result, limit: Limit, rule: RuleName | None = None, *, engineering: bool = False
) -> Verdict:
    """Judge a result against its limit (facts/domain.md section 2.2).

    Any problem makes it INCONCLUSIVE before the value is looked at. ``engineering`` passes over a
    calibration that is overdue, and marks the verdict as not for sign-off. Raises ``UsageError``
    when quantity or unit are not those of the limit.
    """
    overdue = tuple(str(each) for each in result.problems if isinstance(each, Overdue))
    if engineering and overdue:
        left = tuple(each for each in result.problems if not isinstance(each, Overdue))
        verdict = judge(replace(result, problems=left), limit, rule)
        return replace(verdict, not_for_sign_off=overdue)
    if limit.kind == "no_trip":
        return judge_no_trip(result, limit, rule)
    _same_quantity(result, limit)
    if isinstance(result, NoTripSeen):
        return _judge_missing_trip(result, limit, rule)
    problems = _problems(result, limit)
    draft = _draft(result, limit, rule, problems)
    if problems:
        return replace(draft, outcome="INCONCLUSIVE", reason="; ".join(problems))
    zone = zone_of(limit, result.value, draft.expanded_uncertainty)
    outcome = decide(draft.rule, zone)
    return replace(draft, outcome=outcome, zone=zone, reason=_by_zone(zone, draft))


def judge_no_trip(result: Result, limit: Limit, rule: RuleName | None = None) -> Verdict:
    """Judge that nothing tripped for the limit's time under a proven stimulus."""
    if limit.kind != "no_trip" or limit.minimum is None:
        raise UsageError(f"{limit.requirement}: {limit.quantity} is not a no_trip limit")
    _same_quantity(result, limit)
    stimulus = result.stimulus
    problems = list(result.problems)
    if stimulus is None:
        problems.append("the stimulus was not proven")
    elif isinstance(result, NoTripSeen):
        if not stimulus.proven or stimulus.held_s < limit.minimum:
            problems.append(stimulus.reason or _held_too_short(stimulus.held_s, limit.minimum))
        if result.watched_s < limit.minimum:
            problems.append(f"watched for {result.watched_s:.6g} s of {limit.minimum:.6g} s")
    elif not stimulus.in_tolerance:
        problems.append(stimulus.reason)
    draft = _draft(result, limit, rule, tuple(problems))
    if problems:
        return replace(draft, outcome="INCONCLUSIVE", reason="; ".join(problems))
    if isinstance(result, NoTripSeen):
        reason = f"no trip seen within {result.watched_s:.6g} s"
        return replace(draft, outcome="PASS", zone="pass", reason=reason)
    return _judge_trip_against_hold(result, limit, draft)


def _judge_trip_against_hold(result: Measurement, limit: Limit, draft: Verdict) -> Verdict:
    """Fail a trip before the time to hold; one after it is none of this limit's."""
    zone = zone_of(limit, result.value, draft.expanded_uncertainty)
    outcome = decide(draft.rule, zone)
    return replace(draft, outcome=outcome, zone=zone, reason=f"tripped after {result.value:.6g} s")


def _judge_missing_trip(result: NoTripSeen, limit: Limit, rule: RuleName | None) -> Verdict:
    """Fail a missing trip only where the stimulus was proven for the limit and U."""
    problems = list(result.problems)
    if limit.kind != "trip_time" or limit.maximum is None:
        problems.append(f"no {limit.quantity} was measured: {result}")
    else:
        needed = limit.maximum + COVERAGE_FACTOR * result.u_s
        stimulus = result.stimulus
        if stimulus is None:
            problems.append("no trip seen, but the stimulus was not proven")
        elif not stimulus.in_tolerance:
            problems.append(stimulus.reason)
        elif stimulus.held_s < needed:
            problems.append(_held_too_short(stimulus.held_s, needed))
        if result.watched_s < needed:
            problems.append(f"watched for {result.watched_s:.6g} s of {needed:.6g} s")
    draft = _draft(result, limit, rule, tuple(problems))
    if problems:
        return replace(draft, outcome="INCONCLUSIVE", reason="; ".join(problems))
    return replace(draft, outcome="FAIL", zone="fail", reason=str(result))


def _held_too_short(held_s: float, wanted_s: float) -> str:
    return f"stimulus not proven: held {held_s:.6g} s of {wanted_s:.6g} s"


def _same_quantity(result: Result, limit: Limit) -> None:
    if result.quantity_name != limit.quantity or result.unit != limit.unit:
        raise UsageError(
            f"{limit.requirement}: the limit is for {limit.quantity} in {limit.unit}, "
            f"not for {result.quantity_name} in {result.unit}"
        )


def _problems(result: Measurement, limit: Limit) -> tuple[str, ...]:
    found = list(result.problems)
    if not math.isfinite(result.value) and not found:
        found.append(f"the value is {result.value}")
    if result.stimulus is not None and not result.stimulus.in_tolerance:
        found.append(result.stimulus.reason)
    if limit.kind == "trip_time" and result.stimulus is None:
        found.append("the stimulus was not proven")
    return tuple(found)


def _draft(
    result: Result, limit: Limit, rule: RuleName | None, problems: tuple[str, ...]
) -> Verdict:
    chosen = limit.rule if rule is None else rule
    measured = isinstance(result, Measurement)
    budget = _budget(result)
    expanded = budget.expanded()
    low, high = acceptance_limits(limit, chosen, expanded)
    value = result.value if isinstance(result, Measurement) else None
    return Verdict(
        outcome="INCONCLUSIVE",
        requirement=limit.requirement,
        quantity=limit.quantity,
        value=value if value is not None and math.isfinite(value) else None,
        unit=limit.unit,
        expanded_uncertainty=expanded,
        k=budget.k,
        limit=limit.text,
        limit_version=limit.version,
        rule=chosen,
        zone=None,
        acceptance_low=low if measured else limit.minimum,
        acceptance_high=high if measured else limit.maximum,
        reason="",
        capture=result.evidence.capture,
        instruments=result.evidence.instruments,
        problems=problems,
        components=budget.components,
        degrees_of_freedom=budget.degrees_of_freedom,
    )


def _budget(result: Result) -> Budget:
    if isinstance(result, Measurement):
        return result.verdict_budget
    known = Component("time watched", "B", "normal", result.u_s)
    return Budget("s", (known,) if result.u_s else ())


def _by_zone(zone: Zone, draft: Verdict) -> str:
    if zone == "pass":
        return "inside the limit by the expanded uncertainty or more"
    if zone == "fail":
        return "outside the limit by more than the expanded uncertainty"
    side = "inside" if zone == "conditional pass" else "outside"
    return f"{side} the limit by less than the expanded uncertainty ({draft.rule})"


def _rounded(value: float, expanded: float) -> tuple[str, str]:
    """Round to the second digit of the uncertainty: with one it may look a fifth smaller."""
    if expanded <= 0.0 or not math.isfinite(expanded):
        return f"{value:.6g}", f"{expanded:g}"
    digits = max(1 - math.floor(math.log10(expanded)), 0)
    return f"{value:.{digits}f}", f"{expanded:.{digits}f}"
