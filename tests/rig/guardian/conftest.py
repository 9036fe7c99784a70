"""Boxes that the guardian talks to, and a holder that can be killed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GUARDIAN = [sys.executable, "-S", "-E", "-I", str(ROOT / "rig" / "guardian")]


class Box:
    """A box on a socket that can be switched off.

    ``deaf``: it accepts and says nothing; ``chatty``: it says something to commands, too.
    """

    def __init__(self, *, deaf: bool = False, chatty: bool = False) -> None:
        self.on, self.deaf, self.chatty = True, deaf, chatty
        self.heard: list[tuple[float, bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._stop = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def link(self, role: str, **more: object) -> dict[str, object]:
        says = [
            {"send": b"OUTP OFF\n".hex()},
            {"send": b"OUTP?\n".hex(), "expect": [{"bytes": b"0\n".hex()}]},
        ]
        steps = [{"role": role, "within_s": 1.0, "says": says}]
        return {"kind": "tcp", "host": "127.0.0.1", "port": self.port, "steps": steps, **more}

    def close(self) -> None:
        self._stop = True
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while not self._stop:
            try:
                connected, _ = self._listener.accept()
            except TimeoutError:
                continue
            with connected:
                self._talk(connected)

    def _talk(self, connected: socket.socket) -> None:
        connected.settimeout(0.05)
        while not self._stop:
            try:
                data = connected.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            if not data:
                return
            self.heard.append((time.monotonic(), data))
            if self.deaf:
                continue
            self.on = self.on and b"OUTP OFF" not in data
            if b"OUTP?" in data:
                connected.sendall(b"1\n" if self.on else b"0\n")
            elif self.chatty:
                connected.sendall(b"done\n")


@pytest.fixture
def make_box() -> Iterator[type[Box]]:
    boxes: list[Box] = []

    def make(**how: bool) -> Box:
        boxes.append(Box(**how))
        return boxes[-1]

    yield make
    for box in boxes:
        box.close()


class Started:
    """A guardian whose holder is this test."""

    def __init__(
        self, links: list[dict[str, object]], log: Path | str, deadline_s: float, **more: float
    ) -> None:
        self.process = subprocess.Popen(
            GUARDIAN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        plan = {"holder": 0, "deadline_s": deadline_s, "log": str(log), "links": links, **more}
        self.say(json.dumps(plan).encode() + b"\n")
        assert os.read(self.process.stdout.fileno(), 1) == b"r"

    def say(self, data: bytes) -> None:
        os.write(self.process.stdin.fileno(), data)

    def hang_up(self) -> None:
        self.process.stdin.close()

    def end(self) -> int:
        return self.process.wait(20)


@pytest.fixture
def start(tmp_path) -> Iterator[object]:
    """Start a guardian; its holder's number is none, so that it kills nobody."""
    started: list[Started] = []

    def begin(*links, log=None, deadline_s=0.3, **more) -> Started:
        log = log or tmp_path / "guardian.log"
        started.append(Started(list(links), log, deadline_s, **more))
        return started[-1]

    yield begin
    for each in started:
        each.process.kill()
        each.process.wait(5)
        for pipe in (each.process.stdin, each.process.stdout):
            pipe.close()
