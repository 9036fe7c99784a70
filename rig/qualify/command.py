"""``rig qualify``: run the plan against seeded defects and healthy units, and print the matrix."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from instruments.errors import UsageError
from rig.qualify.campaign import Selected, Settings, qualify, select_defects
from rig.qualify.job import PlanTest
from rig.qualify.page import html_page
from rig.qualify.result import Qualification
from rig.qualify.session import with_plan
from rig.qualify.text import matrix_lines

__all__ = ["run_command"]


def run_command(options: argparse.Namespace) -> int:
    """Return 0 when every defect was caught and nothing was a false alarm, 1 when not."""
    if not hasattr(os, "fork"):
        raise UsageError("rig qualify forks its workers: expected Linux or macOS")
    began_s = time.monotonic()
    defects = [] if options.no_defects else select_defects(options.defects, options.defect)
    if not defects and not options.healthy:
        raise UsageError("nothing to do: no defects, and --healthy 0")
    with _records(options.runs) as folder:
        found = _qualify(options, defects, folder)
    for line in matrix_lines(found):
        _say(line)
    _say(f"\n{'held' if found.held else 'fell short'}, {time.monotonic() - began_s:.0f} s")
    _write(options, found)
    return 0 if found.held else 1


def _qualify(
    options: argparse.Namespace, defects: Sequence[Selected], folder: Path
) -> Qualification:
    settings = Settings(
        jobs=options.jobs or _cores(),
        seed=options.seed,
        healthy=options.healthy,
        first_unit=options.unit_seed,
        shares=options.shares,
        to_the_end=options.all,
        silence_s=options.silence,
        records=folder,
        keep_records=options.runs is not None,
    )
    matrices: list[Qualification] = []

    def campaign(session: pytest.Session, tests: Sequence[PlanTest]) -> None:
        _say(f"{len(tests)} tests, {len(defects)} defects, {settings.healthy} healthy units,")
        _say(f"{settings.jobs} at a time")
        matrices.append(qualify(session, tests, defects, settings, _say))

    with_plan(options.plan, _pytest_options(options), campaign)
    (found,) = matrices
    return found


def _pytest_options(options: argparse.Namespace) -> list[str]:
    named = {"-k": options.keyword, "-m": options.marker, "--bench": options.bench}
    return [str(part) for name, value in named.items() if value for part in (name, value)]


@contextmanager
def _records(wanted: Path | None) -> Iterator[Path]:
    """Give the folder for the records of the runs; unless it was asked for, it goes again."""
    if wanted is not None:
        if wanted.exists():
            raise UsageError(f"--runs {wanted}: expected a new folder, it exists")
        yield wanted.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="rig-qualify-") as folder:
        yield Path(folder)


def _write(options: argparse.Namespace, found: Qualification) -> None:
    makers: list[tuple[Path | None, Callable[[], str]]] = [
        (options.json, lambda: json.dumps(found.to_json(), indent=2) + "\n"),
        (options.html, lambda: html_page(found, "Qualification of the plan")),
    ]
    for path, make in makers:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(make(), encoding="utf-8")
            _say(f"wrote {path}")


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
