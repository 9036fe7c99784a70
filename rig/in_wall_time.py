"""The virtual bench in wall time: served by a process of its own, as other clients reach it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from instruments.clock import WallClock
from instruments.errors import UsageError

__all__ = ["served_in_wall_time"]

_SERVE = "import sys; from rig.cli import main; sys.exit(main())"
_STARTS_WITHIN_S = 60.0
_ENDS_WITHIN_S = 10.0
_LOOK_S = 0.05


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
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,  # an interrupt is the plan's, which makes safe first
            )
        try:
            _await(process, file, errors)
            yield file
        finally:
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
