"""The pair of command and query that sets and shows one attribute of a front panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rig.virtual.scpi.errors import ScpiError
from rig.virtual.scpi.lexer import Token
from rig.virtual.scpi.parameters import Number

__all__ = ["Field", "Limit", "LimitValue"]

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class LimitValue:
    """What MIN, MAX or DEF after a query stands for."""

    value: float


class Limit:
    """The MIN, MAX or DEF of a numeric query."""

    def __init__(self, kind: Number) -> None:
        self._kind = kind

    def convert(self, token: Token) -> LimitValue:
        """Return the limit; -108 for anything else."""
        if token.kind != "word":
            raise ScpiError(-108)
        return LimitValue(self._kind.special(token.text))


class Field(Generic[Value]):
    """One attribute of one panel, or of several that a numeric suffix chooses from 1."""

    def __init__(
        self,
        panels: Sequence[object],
        name: str,
        reply: Callable[..., str],
        after: Callable[[], object] | None,
    ) -> None:
        if not all(hasattr(panel, name) for panel in panels):
            raise AttributeError(f"the panel has no {name}")
        self._panels, self._name, self._reply, self._after = panels, name, reply, after

    def write(self, value: Value) -> None:
        """Set the only panel's attribute."""
        self.write_one(1, value)

    def read(self, limit: LimitValue | None = None) -> str:
        """Show the only panel's attribute or its limit."""
        return self.read_one(1, limit)

    def write_one(self, number: int, value: Value) -> None:
        """Set the attribute of one panel."""
        setattr(self._panels[number - 1], self._name, value)
        if self._after is not None:
            self._after()

    def read_one(self, number: int, limit: LimitValue | None = None) -> str:
        """Show the attribute of one panel or its limit."""
        if limit is not None:
            return self._reply(limit.value)
        return self._reply(getattr(self._panels[number - 1], self._name))
