"""What a driver needs of a link: just enough to talk, so that a test can play the box."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

__all__ = ["RegisterLink", "ScpiLink"]


class ScpiLink(Protocol):
    """A conversation in program messages; `VisaLink` is one.

    Every exchange may raise ``LinkTimeout``, ``LinkClosed``, or ``BenchError`` where what came is
    no answer; a message that is not one line of ASCII raises ``UsageError`` before it is sent.
    """

    @property
    def name(self) -> str:
        """The box as error messages call it."""

    @property
    def address(self) -> str:
        """Where the box is, for error messages."""

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the box's lock over several exchanges (re-entrant); virtual time stands still."""

    def write(self, command: str) -> None:
        """Send one program message that has no reply."""

    def query(self, command: str, *, after: Sequence[str] = ()) -> str:
        """Send one program message, return its reply without terminator.

        The messages ``after`` which it is asked have no reply; they are sent first.
        """

    def query_block(self, command: str) -> bytes:
        """Send one program message, return the payload of its definite-length block."""

    def close(self) -> None:
        """Close the connection."""


class RegisterLink(Protocol):
    """One unit's coils and registers; `ModbusUnit` is one. Its line is closed by who opened it.

    Every request may raise ``Refused`` with the unit's exception code, ``LinkTimeout``,
    ``LinkClosed``, or ``BenchError`` where what came is no answer; what fits no frame raises
    ``UsageError`` before it is sent. Addresses count from 0, as they stand on the wire.
    """

    @property
    def name(self) -> str:
        """The box as error messages call it."""

    @property
    def address(self) -> str:
        """Where the box is, for error messages."""

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the line's lock over several exchanges (re-entrant); virtual time stands still."""

    def read_coils(self, address: int, count: int = 1) -> list[bool]:
        """Read coils (FC01)."""

    def read_discrete_inputs(self, address: int, count: int) -> list[bool]:
        """Read discrete inputs (FC02)."""

    def read_holding(self, address: int, count: int = 1) -> list[int]:
        """Read holding registers (FC03)."""

    def read_input(self, address: int, count: int = 1) -> list[int]:
        """Read input registers (FC04)."""

    def write_coil(self, address: int, on: bool) -> None:
        """Write one coil (FC05)."""

    def write_coils(self, address: int, on: Sequence[bool]) -> None:
        """Write coils in one request (FC15)."""

    def write_register(self, address: int, value: int) -> None:
        """Write one register (FC06)."""

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        """Write registers in one request (FC16)."""

    def write_coil_raw(self, address: int, data: int) -> None:
        """Write one coil (FC05) with any 16-bit data."""
