"""What qualifying came to: of each defect and of each healthy unit, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from rig.qualify.job import Broken, JobResult, Outcome
from rig.virtual.unit import Defect

__all__ = ["DefectResult", "HealthyResult", "Qualification", "Standing"]


class Standing(StrEnum):
    """How a defect fared; only the first one is as it should be."""

    CAUGHT = "caught"
    """A verdict on the defect's own requirement failed."""
    ELSEWHERE = "caught elsewhere"
    MISSED = "missed"
    BROKEN = "broken"
    """Not caught, and the rig kept tests of its requirement from an outcome."""
    NOT_TESTED = "not tested"
    """The plan has no test of its requirement, or the bench could carry none out."""


@dataclass(frozen=True, slots=True)
class DefectResult:
    """One defect against the plan."""

    defect: Defect
    result: JobResult

    @property
    def caught_by(self) -> list[str]:
        """The requirements that failed, the first to fail first."""
        names = [name for each in self.result.outcomes for name in each.failed]
        return list(dict.fromkeys(names))

    @property
    def inconclusive(self) -> list[str]:
        """The requirements that stayed open in some test."""
        names = [name for each in self.result.outcomes for name in each.inconclusive]
        return list(dict.fromkeys(names))

    @property
    def standing(self) -> Standing:
        """How the defect fared."""
        if self.defect.requirement in self.caught_by:
            return Standing.CAUGHT
        if self.caught_by:
            return Standing.ELSEWHERE
        if any(self._own(each) for each in self.result.broken):
            return Standing.BROKEN
        met = [each for each in self.result.outcomes if self._own(each)]
        if all(each.outcome == "skipped" for each in met):
            return Standing.NOT_TESTED
        return Standing.MISSED

    def _own(self, each: Outcome | Broken) -> bool:
        return self.defect.requirement in each.test.requirements


@dataclass(frozen=True, slots=True)
class HealthyResult:
    """One healthy unit against the plan, or its share of it."""

    unit_seed: int
    result: JobResult

    @property
    def failed(self) -> list[str]:
        """Requirement and test of each false alarm."""
        return [f"{name} {o.test.id}" for o in self.result.outcomes for name in o.failed]

    @property
    def inconclusive(self) -> list[str]:
        """Requirement and test of each verdict that stayed open."""
        return [f"{name} {o.test.id}" for o in self.result.outcomes for name in o.inconclusive]


@dataclass(slots=True)
class Qualification:
    """The whole matrix, in the order that defects and units were asked for."""

    defects: list[DefectResult] = field(default_factory=list)
    healthy: list[HealthyResult] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Say whether every defect was caught and no healthy unit failed or broke the rig."""
        return all(each.standing is Standing.CAUGHT for each in self.defects) and not any(
            each.failed or each.result.broken for each in self.healthy
        )

    def to_json(self) -> dict[str, object]:
        """Return the matrix as plain data."""
        return {
            "defects": [
                {
                    "id": each.defect.id,
                    "requirement": each.defect.requirement,
                    "caught_by_right": each.standing is Standing.CAUGHT,
                    "caught_by": each.caught_by,
                }
                for each in self.defects
            ],
            "healthy": [
                {
                    "unit_seed": each.unit_seed,
                    "failed": each.failed,
                    "inconclusive": each.inconclusive,
                }
                for each in self.healthy
            ],
        }
