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

import rig.virtual.bench  # noqa: F401  # once, before the workers are forked
from instruments.errors import UsageError
from rig.qualify.campaign import Campaign, Selected, Settings, select_defects
from rig.qualify.page import html_page
from rig.qualify.result import Qualification
from rig.qualify.session import with_plan
from rig.qualify.text import matrix_lines
from rig.session import DEFAULT_BENCH, load_bench

__all__ = ["run_command"]

_BENCHES = (
    DEFAULT_BENCH,
    DEFAULT_BENCH.with_name("virtual-it.yaml"),
    DEFAULT_BENCH.with_name("virtual-offboard.yaml"),
)
"""The earthings that a unit may have, and the other kind of unit."""


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
    campaign = Campaign(defects, settings, _say)
    benches = options.bench or _BENCHES
    for bench in benches:
        if not load_bench(bench).is_virtual:
            raise UsageError(f"--bench {bench}: only virtual benches have units by the dozen")
    for bench in benches:
        if campaign.complete:
            break
        _say(f"bench {bench}: collecting {' '.join(options.plan)}")
        try:
            with_plan(options.plan, _pytest_options(options, bench), campaign.run_on)
        except UsageError as error:
            if options.bench or not campaign.begun:
                raise
            _say(f"left out: {error}")  # the selection holds nothing for the other earthing
    return campaign.found(covered_only=options.covered)


def _pytest_options(options: argparse.Namespace, bench: Path) -> list[str]:
    # One word: to pytest a file that stands alone is part of the plan, by which it finds its root.
    words = [f"--bench={bench}"]
    for name, value in (("-k", options.keyword), ("-m", options.marker)):
        words += [name, value] if value else []
    return words


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
