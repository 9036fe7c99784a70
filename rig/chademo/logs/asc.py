"""Vector's ASC text logs."""

from __future__ import annotations

from typing import ClassVar

from rig.chademo.logs.frame import CAN_FD, ERROR_FRAME, LoggedFrame, Parsed

__all__ = ["AscReader"]

_HEADERS = ("date", "base", "//", "begin", "end", "internal", "no internal")
_DIRECTIONS = frozenset({"Rx", "Tx", "TxRq"})


class AscReader:
    """Reads the header lines (number base, kind of time) and then frames."""

    NAME: ClassVar[str] = "Vector ASC"
    EXPECTED: ClassVar[str] = "'seconds channel ID Rx|Tx d length bytes'"
    timed: bool = True

    def __init__(self) -> None:
        self.deltas = False
        self._base = 16

    def parse(self, text: str, line: int) -> Parsed:
        """Read one line; events of other kinds say nothing."""
        words = text.split()
        if not words:
            return None
        if text.lstrip().lower().startswith(_HEADERS):
            self._header([word.lower() for word in words])
            return None
        t_s = float(words[0])
        if "CANFD" in words[1:2]:
            return CAN_FD
        if "ErrorFrame" in words[2:3]:
            return ERROR_FRAME
        if len(words) < 5 or words[3] not in _DIRECTIONS or words[4] not in {"d", "r"}:
            self._refuse_cut_frame(words)
            return None
        return self._frame(t_s, words, line)

    def _header(self, words: list[str]) -> None:
        if words[0] == "base":
            self._base = {"hex": 16, "dec": 10}[words[1]]
        if "timestamps" in words:
            self.deltas = words[words.index("timestamps") + 1] == "relative"

    def _refuse_cut_frame(self, words: list[str]) -> None:
        # A frame cut short must not pass for one of the many events that are none of ours.
        if len(words) < 3 or (len(words) > 3 and words[3] in _DIRECTIONS):
            raise ValueError("incomplete")

    def _frame(self, t_s: float, words: list[str], line: int) -> LoggedFrame:
        digits = words[2]
        extended = digits[-1] in "xX"
        identifier = int(digits[:-1] if extended else digits, self._base)
        remote = words[4] == "r"
        length = 0 if remote else int(words[5], 16)
        data = bytes([int(word, self._base) for word in words[6 : 6 + length]])
        if len(data) != length:
            raise ValueError(f"{len(data)} of {length} bytes")
        return LoggedFrame(t_s, identifier, data, extended, remote, words[1], line)
