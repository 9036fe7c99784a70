"""Which units a qualification runs the plan against, and what it makes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pytest

from instruments.errors import UsageError
from rig.qualify.job import Job, JobResult, PlanTest
from rig.qualify.order import share_of, telling_first
from rig.qualify.pool import Pool
from rig.qualify.result import DefectResult, HealthyResult, Qualification
from rig.qualify.text import Progress
from rig.signals import orderly_signals
from rig.virtual.unit import Defect, list_defects, load_defects

__all__ = ["Campaign", "Selected", "Settings", "select_defects"]

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Selected:
    """A defect, and the name the plugin's ``--defect`` knows it by."""

    defect: Defect
    name: str


@dataclass(frozen=True, slots=True)
class Settings:
    """How a qualification is run."""

    jobs: int
    seed: int
    healthy: int
    """How many healthy units."""
    first_unit: int
    """Unit seed of the first healthy unit, and of every defective one."""
    shares: int
    """Each healthy unit meets every ``shares``-th test."""
    to_the_end: bool
    """Go on after a defect was caught."""
    silence_s: float
    records: Path
    """Where the records of the runs are written while they last."""
    keep_records: bool


def select_defects(files: Sequence[Path], ids: Sequence[str]) -> list[Selected]:
    """Return the defects of the files, else the project's own; only those of ``ids``, if any."""
    known = [Selected(each, f"{file}:{each.id}") for file in files for each in load_defects(file)]
    if not files:
        known = [Selected(each, each.id) for each in list_defects()]
    unknown = set(ids) - {each.defect.id for each in known}
    if unknown:
        where = ", ".join(map(str, files)) or "the project"
        there = [each.defect.id for each in known]
        near = [each for name in unknown for each in get_close_matches(name, there)] or there
        raise UsageError(
            f"no defect {', '.join(sorted(unknown))} in {where}; there are {len(there)}, among"
            f" them: {', '.join(near[:_SHOWN])}"
        )
    return [each for each in known if not ids or each.defect.id in ids]


class Campaign:
    """A qualification over one bench after another.

    A defect is run on the first bench that has a test of its requirement; a healthy unit meets on
    a later bench what the earlier ones could not offer.
    """

    def __init__(
        self, selected: Sequence[Selected], settings: Settings, say: Callable[[str], None]
    ) -> None:
        self._selected, self._settings, self._say = selected, settings, say
        self._defects = {f"defect {each.name}": each.defect for each in selected}
        seeds = range(settings.first_unit, settings.first_unit + settings.healthy)
        self._units = {f"unit {seed}": seed for seed in seeds}
        self._results: dict[str, JobResult] = {}
        self._offered: set[str] = set()

    def run_on(self, session: pytest.Session, tests: Sequence[PlanTest]) -> None:
        """Run on the bench of a session what has not been run yet and can be run there."""
        here = [test for test in tests if not test.skipped]
        new = [test for test in here if test.id not in self._offered]
        self._offered.update(test.id for test in here)
        jobs = [*self._defective(here), *self._healthy(new)]
        if not jobs:
            return
        self._say(f"{len(here)} tests, {len(jobs)} units, {self._settings.jobs} at a time")
        progress = Progress(len(jobs), time.monotonic, self._say)
        pool = Pool(
            session,
            self._settings.records,
            size=self._settings.jobs,
            silence_s=self._settings.silence_s,
            keep=self._settings.keep_records,
        )
        with orderly_signals():
            pool.run(jobs, lambda result: self._done(result, progress))

    @property
    def begun(self) -> bool:
        """Say whether any unit was run."""
        return bool(self._results)

    @property
    def complete(self) -> bool:
        """Say whether no bench could add anything."""
        return not self._units and set(self._defects) <= set(self._results)

    def found(self, *, covered_only: bool) -> Qualification:
        """Return what it came to; defects that no bench had a test for were not tested."""
        defects = [
            DefectResult(each, self._results.get(name) or JobResult(Job(name, {}, ())))
            for name, each in self._defects.items()
            if not covered_only or name in self._results
        ]
        units = self._units.items()
        healthy = [
            HealthyResult(n, self._results[name]) for name, n in units if name in self._results
        ]
        return Qualification(defects, healthy)

    def _done(self, result: JobResult, progress: Progress) -> None:
        name = result.job.name
        if name in self._defects:
            progress.defect(DefectResult(self._defects[name], result))
        else:
            progress.healthy(HealthyResult(self._units[name], result))
        if name in self._results:
            self._results[name].extend(result)
        else:
            self._results[name] = result

    def _defective(self, tests: Sequence[PlanTest]) -> list[Job]:
        tested = {name for test in tests for name in test.requirements}
        left = [each for each in self._selected if f"defect {each.name}" not in self._results]
        return [
            _defective(each, tests, self._settings)
            for each in left
            if each.defect.requirement in tested
        ]

    def _healthy(self, tests: Sequence[PlanTest]) -> list[Job]:
        jobs = (_healthy(seed, tests, self._settings) for seed in self._units.values())
        return [job for job in jobs if job.tests]


def _defective(each: Selected, tests: Sequence[PlanTest], settings: Settings) -> Job:
    requirement = each.defect.requirement
    return Job(
        f"defect {each.name}",
        {"defect": each.name, "seed": settings.seed, "unit_seed": settings.first_unit},
        telling_first(tests, requirement),
        stop_at=None if settings.to_the_end else requirement,
    )


def _healthy(unit_seed: int, tests: Sequence[PlanTest], settings: Settings) -> Job:
    """Let noise and relay times differ from unit to unit, as its tolerances do."""
    return Job(
        f"unit {unit_seed}",
        {"defect": None, "seed": settings.seed + unit_seed, "unit_seed": unit_seed},
        share_of(tests, unit_seed, settings.shares),
    )
