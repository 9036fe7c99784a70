"""Other tools as subjects: installed from the package index into environments of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.kill.rows import ROWS, Row
from benchmarks.kill.served import Served
from benchmarks.kill.subject import Command

__all__ = ["PEERS", "environment", "peer", "rows_for_others"]

PEERS: Mapping[str, str | None] = {
    "plain": None,
    "labgrid": "labgrid",
    "openhtf": "openhtf",
    "pymeasure": "PyMeasure",
    "bluesky": "bluesky",
}
"""Script and package; plain pytest fixtures need none."""
_INSTALLS_S = 600.0
_NEEDED = ("pyvisa", "pyvisa-py", "pyserial", "pytest")


def environment(name: str, folder: Path) -> Path | None:
    """Return the interpreter of a peer's own environment, made when it is not there.

    None: the package does not install here.
    """
    package = PEERS[name]
    if package is None:
        return Path(sys.executable)
    python = folder / name / "bin" / "python"
    try:
        if not python.exists():
            _run(sys.executable, "-m", "venv", str(folder / name))
        _run(str(python), "-m", "pip", "install", "--quiet", package, *_NEEDED)
    except (subprocess.SubprocessError, OSError):
        return None
    return python


def peer(name: str, python: Path) -> Command:
    """Return what runs the trial with a tool."""
    script = Path(__file__).parent / "peers" / f"run_{name}.py"

    def command(_served: Served, _folder: Path) -> list[str]:
        return [str(python), str(script)]

    return command


def rows_for_others() -> tuple[Row, ...]:
    """Return the rows that need no guardian, and break a box that the raw trial uses."""
    unused = ("scope_ac", "scope_dc", "analyser_ac", "analyser_dc", "load_c", "controller")
    return tuple(row for row in ROWS if not row.guardian and not row.name.endswith(unused))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=_INSTALLS_S, stdout=subprocess.DEVNULL)
