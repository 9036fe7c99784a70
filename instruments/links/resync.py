"""Finding the way back on a serial line, where a late answer cannot be shut out."""

from __future__ import annotations

import re

__all__ = ["Resync"]

_IDENTITY, _STATUS = "*IDN?", "*STB?"
_COMMAS_OF_IDENTITY = 3
_NAME = re.compile(rb"[A-Za-z]{2}")
"""What no number has, be it ever so long a list of them."""
_STATUS_BYTE = re.compile(rb"\s*\+?(?:0|[1-9][0-9]{0,2})\s*")


class Resync:
    """What is still owed after a failure, and the question whose answer ends it.

    A box answers in the order it was asked, so whatever comes before the answer to the marker
    belongs to the past. The marker is ``*IDN?`` (four fields, IEEE 488.2) unless that itself is
    owed an answer; then ``*STB?`` (a number), which also boxes without ``*OPC?`` know (EA).
    """

    def __init__(self) -> None:
        self.due = False
        self._owed = ""

    def lost(self, command: str) -> None:
        """Take note that ``command`` may still be answered."""
        self.due = True
        self._owed = command.upper()

    def marker(self) -> str:
        """Return the question to ask."""
        return _STATUS if _IDENTITY in self._owed else _IDENTITY

    def answered(self, so_far: bytearray) -> bool:
        """Tell whether the marker's answer has come, and nothing after it."""
        *lines, rest = so_far.split(b"\n")
        ends_it = _is_status if self.marker() == _STATUS else _is_identity
        return not rest and any(ends_it(line) for line in lines)

    def done(self) -> None:
        """Take note that nothing is owed any more."""
        self.due, self._owed = False, ""


def _is_identity(line: bytearray) -> bool:
    maker, *others = line.split(b",")
    return len(others) >= _COMMAS_OF_IDENTITY and _NAME.search(maker) is not None


def _is_status(line: bytearray) -> bool:
    return _STATUS_BYTE.fullmatch(line) is not None
