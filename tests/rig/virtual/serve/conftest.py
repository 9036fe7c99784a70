"""The served bench as a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from patience import wait_until

from rig.cli import main

ROOT = Path(__file__).parents[4]
RIG = [sys.executable, "-c", "import sys; from rig.cli import main; sys.exit(main())", "serve"]
STARTS_WITHIN_S = 30.0


@dataclass
class Served:
    """A running ``rig serve`` and what it wrote about itself."""

    process: subprocess.Popen[str]
    roles: dict[str, dict[str, object]]
    console: str

    def address(self, role: str) -> str:
        return str(self.roles[role]["address"])

    def port(self, role: str) -> int:
        """Return the TCP port of a role, whatever its address looks like."""
        parts = self.address(role).replace(",", "::").replace(":", " ").split()
        return int(next(part for part in parts if part.isdigit() and len(part) > 3))

    def connect(self, role: str) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port(role)), 2.0)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Ask it to stop; return exit code, output and errors."""
        self.process.send_signal(by)
        out, errors = self.process.communicate(timeout=10.0)
        return self.process.returncode, out, errors


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Served]:
    file = folder / "addresses.json"
    process = subprocess.Popen(
        [*RIG, "--json", str(file), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: file.exists() or process.poll() is not None, STARTS_WITHIN_S)
        assert process.poll() is None, process.communicate()
        description = json.loads(file.read_text())
        assert description["pid"] == process.pid
        yield Served(process, description["roles"], description["console"])
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=10.0)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory) -> Iterator[Served]:
    """Serve the default bench for all tests of a module."""
    with running(tmp_path_factory.mktemp("serve")) as served:
        yield served


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[..., Served]]:
    """Serve with arguments of a test's own."""
    contexts = []

    def begin(*arguments: str) -> Served:
        contexts.append(running(tmp_path, *arguments))
        return contexts[-1].__enter__()

    yield begin
    for context in contexts:
        context.__exit__(None, None, None)


@pytest.fixture
def refused(capsys) -> Callable[..., str]:
    """Run ``rig serve`` where it cannot start; return the one line it says."""

    def run(*arguments: str) -> str:
        assert main(["serve", *arguments]) == 2
        out, errors = capsys.readouterr()
        assert out == ""
        assert errors.startswith("rig: ")
        assert errors.count("\n") == 1
        return errors

    return run


@pytest.fixture(scope="session")
def serve_in() -> Callable[..., AbstractContextManager[Served]]:
    """Return the function that serves a bench of a test's own, given a folder for its files."""
    return running
