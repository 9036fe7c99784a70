"""Other tools as subjects: installed from the package index into environments of their own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.environments import environment
from benchmarks.kill.rows import ROWS, Row
from benchmarks.kill.served import Served
from benchmarks.kill.subject import Command

__all__ = ["PEERS", "interpreter", "peer", "rows_for_others"]

PEERS: Mapping[str, str | None] = {
    "plain": None,
    "labgrid": "labgrid",
    "openhtf": "openhtf",
    "pymeasure": "PyMeasure",
    "bluesky": "bluesky",
}
"""Script and package; plain pytest fixtures need none."""
_NEEDED = ("pyvisa", "pyvisa-py", "pyserial", "pytest")


def interpreter(name: str, folder: Path) -> Path | None:
    """Return what runs a peer: an environment of its own in ``folder``; None: not to be had."""
    package = PEERS[name]
    return Path(sys.executable) if package is None else environment(folder, name, package, *_NEEDED)


def peer(name: str, python: Path) -> Command:
    """Return what runs the trial with a tool."""
    script = Path(__file__).parent / "peers" / f"run_{name}.py"

    def command(_served: Served, _folder: Path) -> list[str]:
        return [str(python), str(script)]

    return command


def rows_for_others() -> tuple[Row, ...]:
    """Return the rows that need nothing of this rig, and break a box that the raw trial uses."""
    unused = ("scope_ac", "scope_dc", "analyser_ac", "analyser_dc", "load_c", "controller")
    return tuple(
        row for row in ROWS if not (row.guardian or row.plan_silence_s or row.name.endswith(unused))
    )
