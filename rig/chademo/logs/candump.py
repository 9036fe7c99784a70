"""Logs of candump: compact (``-l``, ``-L``) or as printed, with any of its time stamps or none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from rig.chademo.logs.frame import CAN_FD, ERROR_FRAME, LoggedFrame, Parsed

__all__ = ["CandumpReader"]

_ERROR_FLAG = 0x2000_0000
_STANDARD_DIGITS = 3


class CandumpReader:
    """Reads candump's lines.

    The time stamp of ``-t d`` counts from the frame before; whoever makes the reader says so,
    since no line alone can tell it from ``-t z``.
    """

    NAME: ClassVar[str] = "candump"
    EXPECTED: ClassVar[str] = (
        "'(seconds) interface ID#DATA' or '(seconds) interface ID [length] bytes'"
    )

    def __init__(self, *, timed: bool, deltas: bool = False) -> None:
        self.timed, self.deltas = timed, deltas

    def parse(self, text: str, line: int) -> Parsed:
        """Read one line."""
        words = text.split()
        if not words or words[0].startswith("#"):
            return None
        t_s = 0.0
        if self.timed:
            t_s, words = _time(words)
        if "#" in words[1]:
            return _compact(t_s, words[0], words[1], line)
        return _printed(t_s, words, line)


def _time(words: list[str]) -> tuple[float, list[str]]:
    """Take the stamp off: seconds, or with ``-t A`` a date and a time of day, read as UTC."""
    stamp = words[0]
    if stamp[0] != "(":
        raise ValueError(stamp)
    if stamp[-1] == ")":
        return float(stamp[1:-1]), words[1:]
    day = datetime.fromisoformat(f"{stamp[1:]} {words[1].rstrip(')')}")
    return day.replace(tzinfo=UTC).timestamp(), words[2:]


def _compact(t_s: float, channel: str, body: str, line: int) -> Parsed:
    digits, _, data = body.partition("#")
    identifier = int(digits, 16)
    extended = len(digits) > _STANDARD_DIGITS
    if extended and identifier & _ERROR_FLAG:
        return ERROR_FRAME
    if data[:1] == "#":
        return CAN_FD
    if data[:1] == "R":
        return LoggedFrame(t_s, identifier, b"", extended, True, channel, line)
    payload = bytes.fromhex(data.partition("_")[0])
    return LoggedFrame(t_s, identifier, payload, extended, False, channel, line)


def _printed(t_s: float, words: list[str], line: int) -> Parsed:
    # candump -x puts columns of its own between the interface and the identifier.
    at = next(n for n, word in enumerate(words) if word[0] == "[" and word[-1] == "]")
    digits, length = words[at - 1], int(words[at][1:-1])
    if at < 2:
        raise ValueError(digits)
    identifier = int(digits, 16)
    extended = len(digits) > _STANDARD_DIGITS
    if "ERRORFRAME" in words or (extended and identifier & _ERROR_FLAG):
        return ERROR_FRAME
    if len(words[at]) == 4:  # a length of two digits is CAN FD's
        return CAN_FD
    if words[at + 1 : at + 2] == ["remote"]:
        return LoggedFrame(t_s, identifier, b"", extended, True, words[0], line)
    data = words[at + 1 : at + 1 + length]
    if len(data) != length:
        raise ValueError(f"{len(data)} of {length} bytes")
    payload = bytes.fromhex("".join(data))
    return LoggedFrame(t_s, identifier, payload, extended, False, words[0], line)
