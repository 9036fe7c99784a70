"""The grammar of a Delta SM15K: one command a message, a question mark at its very end.

Narrower than IEEE 488.2 (facts/instruments.md A4), so it is read here in a few lines. A keyword
is accepted as the manual's capitals, as its first four letters and in full; what follows the
header is one text or comma-separated words. The numbers of its errors are not published: the
standard ones of SCPI-99 stand in for them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rig.virtual.scpi import ScpiError

__all__ = ["Command", "Unit", "boolean", "integer", "number", "read", "spellings"]

_MESSAGE = re.compile(r"(\*?[A-Z]+(?::[A-Z]+)*)(?:[ \t]+(.*))?", re.ASCII | re.IGNORECASE)
_ELEMENT = re.compile(r"(\[)?:?([A-Za-z*]+):?(\])?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_BOOLEANS = {"1": True, "ON": True, "0": False, "OFF": False}


@dataclass(frozen=True, slots=True)
class Unit:
    """One message: header in capitals, the text behind it, whether it asks."""

    header: str
    rest: str
    query: bool

    @property
    def words(self) -> list[str]:
        """The comma-separated words behind the header."""
        return [word.strip() for word in self.rest.split(",")] if self.rest else []


@dataclass(frozen=True, slots=True)
class Command:
    """What a header does when it is asked and when it is told."""

    query: Callable[[Unit], str] | None = None
    write: Callable[[Unit], None] | None = None


def spellings(pattern: str) -> Iterator[str]:
    """Yield every accepted spelling of a header.

    >>> sorted(spellings("SOURce:VOLtage"))[:3]
    ['SOUR:VOL', 'SOUR:VOLT', 'SOUR:VOLTAGE']
    """
    choices: list[set[str]] = []
    for optional, keyword, _ in _ELEMENT.findall(pattern):
        capitals = "".join(char for char in keyword if not char.islower())
        full = keyword.upper()
        choices.append({capitals, full[:4], full} | ({""} if optional else set()))
    for words in itertools.product(*choices):
        yield ":".join(word for word in words if word)


def read(text: str) -> Unit:
    """Read a message; -102 when it is none."""
    text = text.strip()
    query = text.endswith("?")
    match = _MESSAGE.fullmatch(text[:-1].rstrip() if query else text)
    if match is None or "?" in (match.group(2) or "") or ";" in (match.group(2) or ""):
        raise ScpiError(-102)
    return Unit(match.group(1).upper(), (match.group(2) or "").strip(), query)


def number(word: str, low: float, high: float) -> float:
    """Read a number in a range; -120 class errors otherwise, -222 outside the range."""
    if _NUMBER.fullmatch(word) is None:
        raise ScpiError(-104)
    value = float(word)
    if not low <= value <= high:
        raise ScpiError(-222)
    return value


def integer(word: str, low: int, high: int) -> int:
    """Read a whole number in a range."""
    value = number(word, low, high)
    if not value.is_integer():
        raise ScpiError(-104)
    return int(value)


def boolean(word: str) -> bool:
    """Read 0, 1, OFF or ON."""
    value = _BOOLEANS.get(word.upper())
    if value is None:
        raise ScpiError(-224)
    return value
