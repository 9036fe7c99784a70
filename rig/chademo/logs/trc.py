"""PEAK's TRC text logs, versions 1.0 to 1.3, 2.0 and 2.1."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rig.chademo.logs.frame import CAN_FD, ERROR_FRAME, LoggedFrame, Parsed

__all__ = ["TrcReader"]

_STANDARD_DIGITS = 4
_CAN_FD_TYPES = frozenset({"FD", "FB", "FE", "BI"})
_ERROR_TYPES = frozenset({"ER", "Error"})
_NO_FRAME_TYPES = frozenset({"ST", "EC", "EV", "Warng"})


class _Places(NamedTuple):
    """Where the words of a line stand; None where the version has no such column."""

    time: int
    kind: int | None
    bus: int | None
    identifier: int
    length: int
    data: int


_VERSION_1 = {
    "1.0": _Places(1, None, None, 2, 3, 4),
    "1.1": _Places(1, 2, None, 3, 4, 5),
    "1.2": _Places(1, 3, 2, 4, 5, 6),
    "1.3": _Places(1, 3, 2, 4, 6, 7),
}


class TrcReader:
    """Reads the version and the columns from the comments, and then frames."""

    NAME: ClassVar[str] = "PEAK TRC"
    EXPECTED: ClassVar[str] = "number, milliseconds, type, ID, length, bytes as the columns say"
    timed: bool = True
    deltas: bool = False

    def __init__(self) -> None:
        self._places = _VERSION_1["1.0"]

    def parse(self, text: str, line: int) -> Parsed:
        """Read one line."""
        if text.startswith(";"):
            self._comment(text[1:].strip())
            return None
        words = text.split()
        if not words:
            return None
        kind = words[self._places.kind] if self._places.kind is not None else "Rx"
        if kind in _CAN_FD_TYPES:
            return CAN_FD
        if kind in _ERROR_TYPES:
            return ERROR_FRAME
        return None if kind in _NO_FRAME_TYPES else self._frame(kind, words, line)

    def _comment(self, text: str) -> None:
        key, _, value = text.partition("=")
        if key == "$FILEVERSION" and value in _VERSION_1:
            self._places = _VERSION_1[value]
        elif key == "$COLUMNS":
            at = {name: place for place, name in enumerate(value.split(","))}
            length = at["L"] if "L" in at else at["l"]
            self._places = _Places(at["O"], at["T"], at.get("B"), at["I"], length, at["D"])

    def _frame(self, kind: str, words: list[str], line: int) -> LoggedFrame:
        places = self._places
        digits, length = words[places.identifier], int(words[places.length])
        data = words[places.data : places.data + length]
        remote = kind == "RR" or data[:1] == ["RTR"]
        if not remote and len(data) != length:
            raise ValueError(f"{len(data)} of {length} bytes")
        return LoggedFrame(
            float(words[places.time]) / 1e3,
            int(digits, 16),
            b"" if remote else bytes([int(word, 16) for word in data]),
            len(digits) > _STANDARD_DIGITS,
            remote,
            words[places.bus] if places.bus is not None else "1",
            line,
        )
