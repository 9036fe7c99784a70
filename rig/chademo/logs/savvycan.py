"""SavvyCAN's (and GVRET's) CSV files: time in microseconds, columns found by their titles."""

from __future__ import annotations

from typing import ClassVar

from rig.chademo.logs.frame import CAN_FD, LoggedFrame, Parsed

__all__ = ["SavvyCanReader"]

_COLUMNS = ("time stamp", "id", "extended", "bus", "len", "d1")
_CLASSIC_BYTES = 8


class SavvyCanReader:
    """Reads the title line first, then one frame a line."""

    NAME: ClassVar[str] = "SavvyCAN CSV"
    EXPECTED: ClassVar[str] = "time stamp in µs, hexadecimal ID, true|false, ..., length, bytes"
    timed: bool = True
    deltas: bool = False

    def __init__(self) -> None:
        self._places: tuple[int, ...] = ()

    def parse(self, text: str, line: int) -> Parsed:
        """Read one line."""
        cells = text.strip().split(",")
        if not self._places:
            self._titles(cells)
            return None
        if len(cells) == 1 and not cells[0]:
            return None
        stamp, identifier, extended, bus, length, first = self._places
        size = int(cells[length])
        if size > _CLASSIC_BYTES:
            return CAN_FD
        data = _bytes(cells[first : first + size])
        if len(data) != size:
            raise ValueError(f"{len(data)} of {size} bytes")
        return LoggedFrame(
            float(cells[stamp]) / 1e6,
            int(cells[identifier], 16),
            data,
            _truth(cells[extended]),
            False,
            cells[bus],
            line,
        )

    def _titles(self, cells: list[str]) -> None:
        titles = [cell.strip().lower() for cell in cells]
        self._places = tuple(titles.index(name) for name in _COLUMNS)


def _bytes(cells: list[str]) -> bytes:
    digits = "".join(cells)
    if len(digits) == 2 * len(cells):
        return bytes.fromhex(digits)
    return bytes([int(cell, 16) for cell in cells])


_TRUTH = {"true": True, "false": False, "1": True, "0": False}


def _truth(word: str) -> bool:
    known = _TRUTH.get(word)
    return _TRUTH[word.strip().lower()] if known is None else known
