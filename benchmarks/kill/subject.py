"""A process that energises a served bench, so that something can happen to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.kill.served import ROOT, Served
from benchmarks.waiting import awaited

__all__ = ["Subject", "ours"]

_ENERGISES_S = 60.0
_GUARDIAN_ENDS_S = 25.0
Command = Callable[[Served, Path], list[str]]


def ours(served: Served, folder: Path) -> list[str]:
    """Run the plan with this rig."""
    plan = folder / "test_energised.py"
    shutil.copy(Path(__file__).with_name("plan_ours.py"), plan)
    shutil.copy(ROOT / "testplans" / "requirements.yaml", folder)
    options = ["-q", "-p", "no:cacheprovider", "-p", "rig.plugin", "--rootdir", str(folder)]
    where = ["--bench", str(served.bench_file), "--run-dir", str(folder / "record")]
    return [sys.executable, "-m", "pytest", *options, *where, str(plan)]


class Subject:
    """One such process; whatever becomes of it, ``end`` leaves nothing of it running."""

    def __init__(self, served: Served, folder: Path, command: Command, event: str) -> None:
        folder.mkdir(parents=True)
        self.folder, self._mark = folder, folder / "energised.json"
        environment = os.environ | {
            "KILL_EVENT": event,
            "KILL_MARK": str(self._mark),
            "KILL_ADDRESSES": str(served.folder / "addresses.json"),
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        with (folder / "output.txt").open("wb") as out:
            self.process = subprocess.Popen(
                command(served, folder),
                cwd=folder,
                stdout=out,
                stderr=out,
                env=environment,
                start_new_session=True,
            )

    def energised(self) -> dict[str, Any]:
        """Return what it says of itself once it has energised the bench."""
        awaited(lambda: self._mark.exists() or self.process.poll() is not None, _ENERGISES_S)
        if not self._mark.exists():
            raise RuntimeError(f"nothing was energised: {self.output()[-3000:]}")
        told: dict[str, Any] = json.loads(self._mark.read_text())
        return told

    def output(self) -> str:
        """Return what it has printed."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def end(self) -> None:
        """Make sure that it, and its guardian, are gone."""
        guardian = int(json.loads(self._mark.read_text())["guardian"]) if self._mark.exists() else 0
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10.0)
        if guardian:
            awaited(lambda: not _alive(guardian), _GUARDIAN_ENDS_S)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
