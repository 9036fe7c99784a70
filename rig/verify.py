"""Judge what was measured by the limits of a test's requirements, and keep every verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from instruments.errors import UsageError
from rig.measure import (
    Limit,
    Measurement,
    NoTripSeen,
    Requirement,
    Verdict,
    judge,
    judge_worst,
    worst_of,
)
from rig.outcomes import Inconclusive, VerdictFailed
from rig.recording import RecordSink

__all__ = ["Verifier"]

Result = Measurement | NoTripSeen


class Verifier:
    """The ``verify`` of one test: verdicts are collected, the worst one decides at its end."""

    KEY: pytest.StashKey[Verifier] = pytest.StashKey()

    def __init__(
        self,
        requirements: Sequence[Requirement],
        recorder: RecordSink,
        test: str,
        *,
        engineering: bool = False,
    ) -> None:
        self._requirements = {each.id: each for each in requirements}
        self._recorder, self._test, self._engineering = recorder, test, engineering
        self.verdicts: list[Verdict] = []

    def verify(
        self, result: Result | Sequence[Result], *, requirement: str | None = None
    ) -> Verdict:
        """Judge a result by the limit that a marked requirement has for its quantity.

        Of several, which repeat one measurement, the worst is judged, and the spread is stated.

        The verdict is kept and returned; a FAIL or INCONCLUSIVE ends the test when its body is
        over, so that the rest of its measurements are made. A test marked with several
        requirements names the one it means; anything else is a ``UsageError``.
        """
        given = [result] if isinstance(result, Measurement | NoTripSeen) else result
        results = [self._with_samples(each) for each in given]
        if not results:
            raise UsageError(f"{self._test}: verify was given nothing to judge")
        limit = self._limit(results[0], requirement)
        if len(results) == 1:
            verdict = judge(results[0], limit, engineering=self._engineering)
        else:
            verdict = judge_worst(results, limit, engineering=self._engineering)
        self._record(worst_of(results, limit, engineering=self._engineering), verdict)
        self.verdicts.append(verdict)
        return verdict

    def raise_worst(self) -> None:
        """Raise what the verdicts add up to: failed, inconclusive, or nothing."""
        failed = [v.sentence() for v in self.verdicts if v.outcome == "FAIL"]
        open_ = [v.sentence() for v in self.verdicts if v.outcome == "INCONCLUSIVE"]
        if failed:
            raise VerdictFailed("\n".join(failed + open_))
        if open_:
            raise Inconclusive("\n".join(open_))
        if not self.verdicts and self._requirements:
            ids = ", ".join(self._requirements)
            raise Inconclusive(f"{ids}: the test came to its end without a verdict")

    def _limit(self, result: Result, requirement: str | None) -> Limit:
        if requirement is None:
            if len(self._requirements) != 1:
                raise UsageError(
                    f"{self._test}: marked with {list(self._requirements)}; verify needs to be"
                    " told which requirement is meant"
                )
            (chosen,) = self._requirements.values()
        elif requirement in self._requirements:
            chosen = self._requirements[requirement]
        else:
            raise UsageError(
                f"{self._test}: verify names {requirement}, but the test is marked with"
                f" {list(self._requirements)}"
            )
        return chosen.limit(result.quantity_name)

    def _with_samples(self, result: Result) -> Result:
        """Keep the values of a checked series that no capture holds, to be drawn."""
        if isinstance(result, NoTripSeen) or result.signal is None or result.evidence.capture:
            return result
        series = result.signal.series
        t0_s, dt_s, values = series.on_a_grid()
        number = self._recorder.event("note", {"text": str(result.signal)})
        name = f"series-{number}"
        kept = self._recorder.samples(name, {series.name: values}, {})
        channel = {
            "name": series.name, "unit": series.unit, "t0_s": t0_s, "dt_s": dt_s,
            "n": int(values.size), "key": series.name,
        }  # fmt: skip
        self._recorder.event(
            "capture",
            {
                "id": name,
                "scope": ", ".join(series.instruments) or "readings",
                "socket": None,
                "file": kept.file,
                "sha256": kept.sha256,
                "trigger": "free",
                "triggered": True,
                "problems": list(series.problems),
                "channels": [channel],
            },
        )
        return replace(result, evidence=replace(result.evidence, capture=name))

    def _record(self, result: Result, verdict: Verdict) -> None:
        if isinstance(result, Measurement):
            self._recorder.event(
                "measurement",
                {
                    "capture": result.evidence.capture or None,
                    "quantity": result.quantity_name,
                    "value": verdict.value,
                    "unit": result.unit,
                    "u": result.budget.u,
                    "onset_s": result.onset_s,
                    "end_s": result.end_s,
                    "budget": result.verdict_budget.table().splitlines(),
                    "notes": list(result.notes),
                    "problems": list(result.problems),
                    **({"signal": result.signal.to_json()} if result.signal else {}),
                },
            )
        self._recorder.event("verdict", {"test": self._test, **verdict.to_json()})
