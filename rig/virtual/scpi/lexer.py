"""From the bytes of a program message to units of header and typed parameters (E3, E4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rig.virtual.scpi.errors import ScpiError

__all__ = ["Token", "Unit", "read_unit", "split_units"]

Kind = Literal["number", "word", "string", "block", "expression"]

_HEADER = re.compile(r"(\*[A-Za-z]\w*|:?[A-Za-z]\w*(?::[A-Za-z]\w*)*)(\?)?", re.ASCII)
_NUMBER = re.compile(
    r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[ \t]*[eE][ \t]*[+-]?\d+)?)[ \t]*([A-Za-z/][\w./^-]*)?", re.ASCII
)
_WORD = re.compile(r"[A-Za-z]\w*", re.ASCII)
_OPENERS = re.compile(r"['\"#(]")
_RADIX = {"H": 16, "Q": 8, "B": 2}
_WHITE = "".join(map(chr, [*range(10), *range(11, 33)]))
_LONGEST_MNEMONIC = 12
_LONGEST_NUMBER = 255
_LARGEST_EXPONENT = 32000


@dataclass(frozen=True, slots=True)
class Token:
    """One program datum; ``number`` carries its value and its suffix in capitals."""

    kind: Kind
    text: str
    value: float = 0.0
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One program message unit: keywords in capitals, parameters as tokens."""

    keywords: tuple[str, ...]
    query: bool
    rooted: bool
    common: bool
    parameters: tuple[Token, ...]


def split_units(text: str) -> list[str]:
    """Split a program message at its semicolons, but not inside strings and blocks."""
    parts = text.split(";") if not _OPENERS.search(text) else _split(text, ";")
    return [part for part in (_strip(part) for part in parts) if part]


def read_unit(text: str) -> Unit:
    """Read one unit; raises ``ScpiError`` with the number of what is wrong in it."""
    match = _HEADER.match(text)
    if match is None:
        raise ScpiError(-101 if not text[0].isascii() or not text[0].isprintable() else -102)
    header, rest = match.group(1), text[match.end() :]
    if rest and rest[0] not in _WHITE:
        raise ScpiError(-103 if rest[0].isascii() and rest[0].isprintable() else -101)
    keywords = tuple(header.upper().removeprefix(":").split(":"))
    if any(len(keyword) > _LONGEST_MNEMONIC + len("*999") for keyword in keywords):
        raise ScpiError(-112)
    return Unit(
        keywords=keywords,
        query=match.group(2) is not None,
        rooted=header.startswith(":"),
        common=header.startswith("*"),
        parameters=_read_parameters(_strip(rest)),
    )


def _strip(text: str) -> str:
    """Strip white space, but none that belongs to a block at the end."""
    if "#" not in text:
        return text.strip(_WHITE)
    text = text.lstrip(_WHITE)
    i = kept = 0
    while i < len(text):
        is_block = text[i] == "#" and _block_extent(text, i) is not None
        i = _skip(text, i)
        kept = i if is_block else kept
    return text[:kept] + text[kept:].rstrip(_WHITE)


def _read_parameters(text: str) -> tuple[Token, ...]:
    if not text:
        return ()
    parts = text.split(",") if not _OPENERS.search(text) else _split(text, ",")
    return tuple(_read_token(_strip(part)) for part in parts)


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside strings, blocks and expressions."""
    parts: list[str] = []
    start = i = 0
    while i < len(text):
        if text[i] == separator:
            parts.append(text[start:i])
            start = i + 1
        i = _skip(text, i)
    parts.append(text[start:])
    return parts


def _skip(text: str, i: int) -> int:
    """Return where the next character outside the datum that begins at ``i`` stands."""
    char = text[i]
    if char in "'\"":
        end = text.find(char, i + 1)
        return len(text) if end < 0 else end + 1
    if char == "(":
        end = text.find(")", i + 1)
        return len(text) if end < 0 else end + 1
    if char == "#" and (extent := _block_extent(text, i)) is not None:
        return extent[1]
    return i + 1


def _block_extent(text: str, i: int) -> tuple[int, int] | None:
    """Return start and end of a block's payload; the end may lie beyond the text."""
    width = text[i + 1 : i + 2]
    if width not in tuple("0123456789"):
        return None
    if width == "0":
        return i + 2, len(text)
    digits = text[i + 2 : i + 2 + int(width)]
    if len(digits) != int(width) or not (digits.isascii() and digits.isdigit()):
        return None
    start = i + 2 + int(width)
    return start, start + int(digits)


def _read_token(text: str) -> Token:
    if not text:
        raise ScpiError(-109)
    first = text[0]
    if first in "'\"":
        return _read_string(text)
    if first == "#":
        return _read_hash(text)
    if first == "(":
        return Token("expression", text)
    if first in "+-.0123456789":
        return _read_number(text)
    if first.isascii() and first.isalpha():
        if _WORD.fullmatch(text) is None:
            raise ScpiError(-141)
        return Token("word", text.upper())
    raise ScpiError(-101 if not first.isascii() or not first.isprintable() else -102)


def _read_string(text: str) -> Token:
    quote, inner = text[0], text[1:-1]
    if len(text) < len("''") or text[-1] != quote or quote in inner.replace(quote * 2, ""):
        raise ScpiError(-151)
    return Token("string", inner.replace(quote * 2, quote))


def _read_hash(text: str) -> Token:
    radix = _RADIX.get(text[1:2].upper())
    if radix is not None:
        try:
            return Token("number", text, float(int(text[2:], radix)))
        except (ValueError, OverflowError):
            raise ScpiError(-121) from None
    extent = _block_extent(text, 0)
    if extent is None or extent[1] != len(text):
        raise ScpiError(-161)
    return Token("block", text[extent[0] :])


def _read_number(text: str) -> Token:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ScpiError(-121)
    digits = match.group(1).replace(" ", "").replace("\t", "")
    mantissa, _, exponent = digits.upper().partition("E")
    if len(mantissa) > _LONGEST_NUMBER:
        raise ScpiError(-124)
    if len(exponent) > len("-32000") or abs(int(exponent or 0)) > _LARGEST_EXPONENT:
        raise ScpiError(-123)
    suffix = (match.group(2) or "").upper()
    if len(suffix) > _LONGEST_MNEMONIC:
        raise ScpiError(-134)
    return Token("number", text, float(digits), suffix)
