"""The controller's registers played from a literal transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from rig.controller import ServicePort


class PlayedRegisters:
    """Steps are ((function code, address, count or data), reply); any deviation fails."""

    name, address = "controller", "nowhere:17"

    def __init__(self, *steps: tuple[Any, Any]) -> None:
        self.steps = list(steps)
        self.depth = 0
        self.depths: list[int] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.depth += 1
        yield
        self.depth -= 1

    def play(self, sent: Any) -> Any:
        assert self.steps, f"unexpected: {sent!r}"
        expected, reply = self.steps.pop(0)
        assert sent == expected
        self.depths.append(self.depth)
        return reply

    def finish(self) -> None:
        assert self.steps == [], f"never sent: {self.steps}"

    def read_input(self, address: int, count: int = 1) -> list[int]:
        return self.play((4, address, count))

    def read_holding(self, address: int, count: int = 1) -> list[int]:
        return self.play((3, address, count))

    def write_register(self, address: int, value: int) -> None:
        self.play((6, address, value))

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        self.play((16, address, tuple(values)))


@pytest.fixture
def make():
    def make_port(*steps):
        link = PlayedRegisters(*steps)
        return ServicePort(link), link

    return make_port
