"""One connection to a Delta SM15K: messages and replies end with the terminator set in the box."""

from __future__ import annotations

from typing import Protocol

from rig.virtual.boxes.delta_words import TERMINATORS
from rig.virtual.wires.contract import Line

__all__ = ["DeltaConversation", "DeltaSession"]

_LONGEST = 4096
"""Bytes of a message; the manual gives no number."""


class DeltaConversation(Protocol):
    """What the box says to one message."""

    turnaround_s: float
    terminator: str

    def answer(self, message: str) -> str | None:
        """Carry out a message; None = nothing is to be said, "" = only a terminator."""

    def too_long(self) -> None:
        """Report a message longer than the input buffer."""


class DeltaSession:
    """Cut the stream at the terminator; with LF a CR before it is accepted, empty lines skipped."""

    def __init__(self, line: Line, box: DeltaConversation) -> None:
        self._line, self._box = line, box
        self._buffer = bytearray()
        self._discarding = False

    def received(self, data: bytes) -> None:
        """Take bytes in any split."""
        self._buffer += data
        self.resumed()

    def resumed(self) -> None:
        """Answer what is complete; in wall time one message, the next when it is over."""
        while (message := self._next()) is not None:
            if message.strip():
                self._answer(message)
                if self._box.turnaround_s and getattr(self._line, "paced", False):
                    return
        if len(self._buffer) > _LONGEST:
            self._buffer.clear()
            self._discarding = True

    def closed(self) -> None:
        """Forget an unfinished message."""
        self._buffer.clear()

    def _next(self) -> bytes | None:
        mark = TERMINATORS[self._box.terminator]
        end = self._buffer.find(mark)
        if end < 0:
            return None
        message = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        if self._discarding or len(message) > _LONGEST:
            self._discarding = False
            self._box.too_long()
            return b""
        return message

    def _answer(self, message: bytes) -> None:
        reply = self._box.answer(message.decode("latin-1"))
        self._line.charge(self._box.turnaround_s)
        if reply is not None:
            self._line.send(reply.encode("ascii", "replace") + TERMINATORS[self._box.terminator])
