"""Boxes played from a literal transcript: any deviation fails the test."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from instruments.errors import Refused
from rig.clock import VirtualClock

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "links")]


class Scripted:
    """What both kinds of scripted link share: the steps, the lock, and where it stood."""

    name, address = "box under test", "nowhere:1"

    def __init__(self, *steps: tuple[Any, Any]) -> None:
        self.steps = list(steps)
        self.depth = 0
        self.depth_of: dict[Any, int] = {}
        self.closed = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def close(self) -> None:
        self.closed = True

    def then(self, *steps: tuple[Any, Any]) -> None:
        self.finish()
        self.steps = list(steps)

    def finish(self) -> None:
        assert self.steps == [], f"never sent: {self.steps}"

    def play(self, sent: Any) -> Any:
        assert self.steps, f"unexpected: {sent!r}"
        expected, reply = self.steps.pop(0)
        assert sent == expected
        self.depth_of[sent] = self.depth
        if isinstance(reply, Exception):
            raise reply
        return reply


class ScriptedScpi(Scripted):
    """Steps are (message, reply); a write has the reply None."""

    def write(self, command: str) -> None:
        assert self.play(command) is None, f"{command!r} was written, not queried"

    def query(self, command: str, *, after: Sequence[str] = ()) -> str:
        for each in after:
            self.write(each)
        reply = self.play(command)
        assert isinstance(reply, str), f"{command!r} has no reply"
        return reply

    def query_block(self, command: str) -> bytes:
        reply = self.play(command)
        assert isinstance(reply, bytes), f"{command!r} has no block"
        return reply


class ScriptedRegisters(Scripted):
    """Steps are ((function code, address, count or data), reply)."""

    def read_coils(self, address: int, count: int = 1) -> list[bool]:
        return self.play((1, address, count))

    def read_discrete_inputs(self, address: int, count: int) -> list[bool]:
        return self.play((2, address, count))

    def read_holding(self, address: int, count: int = 1) -> list[int]:
        return self.play((3, address, count))

    def read_input(self, address: int, count: int = 1) -> list[int]:
        return self.play((4, address, count))

    def write_coil(self, address: int, on: bool) -> None:
        self.play((5, address, 0xFF00 if on else 0))

    def write_coil_raw(self, address: int, data: int) -> None:
        self.play((5, address, data))

    def write_register(self, address: int, value: int) -> None:
        self.play((6, address, value))

    def write_coils(self, address: int, on: Sequence[bool]) -> None:
        self.play((15, address, tuple(on)))

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        self.play((16, address, tuple(values)))


@pytest.fixture
def scripted_scpi() -> type[ScriptedScpi]:
    return ScriptedScpi


@pytest.fixture
def scripted_registers() -> type[ScriptedRegisters]:
    return ScriptedRegisters


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def refusal():
    """Return what a link raises when the box answers with a Modbus exception."""

    def make(code: int) -> Refused:
        return Refused(
            "writing",
            box="box under test",
            address="nowhere:1",
            expected="an echo",
            got=f"exception {code}",
            code=code,
        )

    return make
