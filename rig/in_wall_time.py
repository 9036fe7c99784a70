"""The virtual bench in wall time: served by a process of its own, as other clients reach it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from instruments.clock import WallClock
from instruments.errors import UsageError

__all__ = ["served_in_wall_time"]

_SERVE = "import sys; from rig.in_wall_time import serve_for_parent; sys.exit(serve_for_parent())"
_STARTS_WITHIN_S = 60.0
_ENDS_WITHIN_S = 10.0
_LOOK_S = 0.05
_OUTLIVES_S = 20.0
"""So much longer than its parent the served bench lives: the guardian makes it safe meanwhile."""


@contextmanager
def served_in_wall_time(
    bench: Path, *, seed: int, unit_seed: int, defect: str | None
) -> Iterator[Path]:
    """Serve a virtual bench; return the bench file by which it is reached as a real one is."""
    with tempfile.TemporaryDirectory(prefix="rig-served-") as folder:
        file, errors = Path(folder) / bench.name, Path(folder) / "errors.txt"
        words = ["serve", str(bench), "--bench-file", str(file)]
        words += ["--seed", str(seed), "--unit-seed", str(unit_seed)]
        words += ["--defect", defect] if defect is not None else []
        with errors.open("w", encoding="utf-8") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-c", _SERVE, *words],
                stdin=subprocess.PIPE,  # closed by the kernel when this process dies
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,  # an interrupt is the plan's, which makes safe first
            )
        try:
            _await(process, file, errors)
            yield file
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.terminate()
            try:
                process.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], file: Path, errors: Path) -> None:
    clock = WallClock()
    while not file.exists():
        if process.poll() is not None or clock.now() > _STARTS_WITHIN_S:
            said = errors.read_text(encoding="utf-8").strip() or "nothing"
            raise UsageError(
                f"--clock wall: the virtual bench could not be served; it said: {said}"
            )
        clock.sleep_until(clock.now() + _LOOK_S)


def serve_for_parent() -> int:
    """Run ``rig serve`` until it is told to end, or its parent has been dead for a while."""
    from rig.cli import main

    watch = threading.Thread(target=_end_after, args=(sys.stdin.buffer, _OUTLIVES_S), daemon=True)
    watch.start()
    return main()


def _end_after(parent: IO[bytes], outlives_s: float) -> None:
    """Wait for the end of a parent that never says anything, then end this process in order."""
    parent.read()
    clock = WallClock()
    clock.sleep_until(clock.now() + outlives_s)
    os.kill(os.getpid(), signal.SIGTERM)
