"""Which units a qualification runs the plan against, and what it makes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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

__all__ = ["Selected", "Settings", "qualify", "select_defects"]


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
        ids_there = ", ".join(each.defect.id for each in known)
        raise UsageError(
            f"no defect {', '.join(sorted(unknown))} in {where}; there are: {ids_there}"
        )
    return [each for each in known if not ids or each.defect.id in ids]


def qualify(
    session: pytest.Session,
    tests: Sequence[PlanTest],
    selected: Sequence[Selected],
    settings: Settings,
    say: Callable[[str], None],
) -> Qualification:
    """Run the plan against each defect and each healthy unit."""
    defects = {f"defect {each.name}": each.defect for each in selected}
    seeds = range(settings.first_unit, settings.first_unit + settings.healthy)
    units = {f"unit {seed}": seed for seed in seeds}
    jobs = [
        *(_defective(each, tests, settings) for each in selected),
        *(_healthy(seed, tests, settings) for seed in seeds),
    ]
    progress = Progress(len(jobs), time.monotonic, say)
    results: dict[str, JobResult] = {}

    def done(result: JobResult) -> None:
        name = result.job.name
        results[name] = result
        if name in defects:
            progress.defect(DefectResult(defects[name], result))
        else:
            progress.healthy(HealthyResult(units[name], result))

    pool = Pool(
        session,
        settings.records,
        size=settings.jobs,
        silence_s=settings.silence_s,
        keep=settings.keep_records,
    )
    with orderly_signals():
        pool.run(jobs, done)
    return Qualification(
        [DefectResult(each, results[name]) for name, each in defects.items()],
        [HealthyResult(seed, results[name]) for name, seed in units.items()],
    )


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
