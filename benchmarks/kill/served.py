"""A ``rig serve`` of its own for trials: started, broken on demand, observed, stopped by pid."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks.waiting import awaited

__all__ = ["ROOT", "Served", "serving"]

ROOT = Path(__file__).parents[2]
_RIG = [sys.executable, "-c", "import sys; from rig.cli import main; sys.exit(main())"]
_STARTS_S = 60.0


@dataclass
class Served:
    """One served bench."""

    process: subprocess.Popen[bytes]
    folder: Path
    roles: dict[str, dict[str, Any]]
    control_at: tuple[str, int]
    variant: str = "bench.yaml"

    @property
    def bench_file(self) -> Path:
        """The bench file that reaches it."""
        return self.folder / self.variant

    def with_plan_silence(self, seconds: float | None) -> Served:
        """Return it with a bench file that limits how long a plan may be silent."""
        if seconds is None:
            return self
        document = yaml.safe_load(self.bench_file.read_text())
        document["supervision"]["plan_silence_s"] = seconds
        limited = replace(self, variant="limited.yaml")
        limited.bench_file.write_text(yaml.safe_dump(document))
        return limited

    def control(self, command: str) -> None:
        """Break or mend a link."""
        with socket.create_connection(self.control_at, 5.0) as connection:
            connection.sendall(command.encode() + b"\n")
            answer = connection.recv(200)
        assert answer == b"ok\n", (command, answer)

    def truth(self) -> list[dict[str, Any]]:
        """Return every change so far of what is on, closed and live."""
        lines = (self.folder / "truth.jsonl").read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def make_safe(self) -> None:
        """Switch everything off between two trials."""
        command = [*_RIG, "safe", str(self.bench_file)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=60, stdout=subprocess.DEVNULL)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve the virtual bench from a new folder until the end of the block."""
    folder.mkdir(parents=True)
    description = folder / "addresses.json"
    options = ["--json", description, "--bench-file", folder / "bench.yaml", "--control"]
    command = [*_RIG, "serve", *map(str, options), "--truth", str(folder / "truth.jsonl")]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=_environment())
    try:
        awaited(lambda: description.exists() or process.poll() is not None, _STARTS_S)
        said = (folder / "serve.log").read_text()
        assert description.exists(), f"rig serve did not start: {said}"
        told = json.loads(description.read_text())
        host, _, port = told["control"].rpartition(":")
        yield Served(process, folder, told["roles"], (host, int(port)))
    finally:
        process.terminate()
        try:
            process.wait(10.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}
