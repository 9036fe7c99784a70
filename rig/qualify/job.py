"""What a worker is asked to do, and what it says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Broken", "Job", "JobResult", "Outcome", "PlanTest"]


@dataclass(frozen=True, slots=True)
class PlanTest:
    """One collected test of the plan."""

    index: int
    """Its place in the collection."""
    id: str
    function: str
    """The id without its parameters."""
    requirements: tuple[str, ...]
    skipped: bool = False
    """It was made for another bench than the one declared."""


@dataclass(frozen=True, slots=True)
class Job:
    """One simulated unit, and the tests it is to meet, in order."""

    name: str
    options: Mapping[str, object]
    """Options of the rig's plugin for this unit: ``defect``, ``seed``, ``unit_seed``."""
    tests: tuple[PlanTest, ...]
    stop_at: str | None = None
    """A failed verdict on this requirement ends the job."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one test."""

    test: PlanTest
    outcome: str
    """As ``rig.outcomes.classify`` names it."""
    failed: tuple[str, ...]
    """Requirements on which a verdict was FAIL."""
    inconclusive: tuple[str, ...]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A test that the rig, not the unit, kept from an outcome."""

    test: PlanTest
    message: str


@dataclass(slots=True)
class JobResult:
    """All outcomes of one job, in the order they came."""

    job: Job
    outcomes: list[Outcome] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    seconds: float = 0.0

    def extend(self, other: JobResult) -> None:
        """Take in what the same unit met on another bench."""
        self.outcomes += other.outcomes
        self.broken += other.broken
        self.seconds += other.seconds

    @property
    def stopped(self) -> bool:
        """Say whether the verdict the job waits for has come."""
        return any(self.job.stop_at in each.failed for each in self.outcomes)

    def remaining(self) -> tuple[PlanTest, ...]:
        """Return the tests that have not been met yet."""
        if self.stopped:
            return ()
        met = {each.test.index for each in self.outcomes} | {
            each.test.index for each in self.broken
        }
        return tuple(each for each in self.job.tests if each.index not in met)
