"""Tell by its first lines what kind of log a file is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from instruments.errors import UsageError
from rig.chademo.logs.asc import AscReader
from rig.chademo.logs.candump import CandumpReader
from rig.chademo.logs.frame import LineReader
from rig.chademo.logs.savvycan import SavvyCanReader
from rig.chademo.logs.trc import TrcReader

__all__ = ["text_reader"]

_KNOWN = "a candump, SavvyCAN CSV, Vector ASC, PEAK TRC or Vector BLF log"
_STAMPED = re.compile(r"\s*\((-?\d+\.\d+|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+)\)\s+\S+\s+\S")
_UNSTAMPED = re.compile(r"\s*[\w.:-]+\s+([0-9A-Fa-f]{3,8}#|.*\[\d+\])")
_SECONDS = re.compile(r"\s*\((-?\d+\.\d+)\)")
_SHOWN = 60
_NO_TEXT = frozenset({*map(chr, range(9)), "\ufffd"})
"""Control characters, and what stands for bytes that are none of the encoding."""


def text_reader(path: Path, head: Sequence[str]) -> LineReader:
    """Return the reader for a log that begins with these lines, else raise ``UsageError``."""
    for line, text in enumerate(head, 1):
        start = text.strip()
        if not start or start.startswith("#"):
            continue
        found = _reader(start, head)
        if found is None:
            got = "binary data" if _is_binary(start) else repr(start[:_SHOWN])
            raise UsageError(f"{path}:{line}: expected {_KNOWN}, got {got}")
        return found
    raise UsageError(f"{path}:1: expected {_KNOWN}, got nothing")


def _reader(start: str, head: Sequence[str]) -> LineReader | None:
    lower = start.lower()
    if start.startswith(";"):
        return TrcReader()
    if lower.startswith(("date ", "base ", "//")):
        return AscReader()
    if {"time stamp", "id", "len"} <= {cell.strip() for cell in lower.split(",")}:
        return SavvyCanReader()
    if _STAMPED.match(start):
        return CandumpReader(timed=True, deltas=_are_deltas(head))
    return CandumpReader(timed=False) if _UNSTAMPED.match(start) else None


def _is_binary(start: str) -> bool:
    """Say whether there are characters that no text has."""
    return not _NO_TEXT.isdisjoint(start)


def _are_deltas(head: Sequence[str]) -> bool:
    """Say whether the stamps count from the frame before: then many are lower than the last."""
    found = [match for text in head if (match := _SECONDS.match(text))]
    stamps = [float(match[1]) for match in found]
    back = sum(later < earlier for earlier, later in pairwise(stamps))
    return back > len(stamps) // 10
