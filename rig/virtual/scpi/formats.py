"""How boxes spell their replies: NR1, NR2, NR3, booleans, strings and blocks (E4)."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = [
    "block",
    "engineering",
    "nr1",
    "nr2",
    "nr3",
    "on_off",
    "quoted",
    "signed_nr1",
    "zero_one",
]


def nr1(value: float) -> str:
    """Return an integer.

    >>> nr1(12.6)
    '13'
    """
    return str(round(value))


def signed_nr1(value: float) -> str:
    """Return an integer that always carries its sign.

    >>> signed_nr1(0)
    '+0'
    """
    return f"{round(value):+d}"


def nr2(digits: int) -> Callable[[float], str]:
    """Return a format with a fixed number of decimals, never ``-0``.

    >>> nr2(3)(1.5)
    '1.500'
    """
    return lambda value: f"{value:z.{digits}f}"


def nr3(digits: int, *, sign: str = "-") -> Callable[[float], str]:
    """Return a format with exponent; ``sign="+"`` shows the plus too.

    >>> nr3(4)(230.0)
    '2.3000E+02'
    """
    return lambda value: f"{value:{sign}z.{digits}E}"


def engineering(digits: int) -> Callable[[float], str]:
    """Return significant digits with an exponent that is a multiple of three.

    >>> engineering(5)(0.5)
    '500.00E-03'
    """

    def spell(value: float) -> str:
        if value == 0:
            return f"{0:.{digits - 2}f}E+00"
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        thousands = math.floor(int(exponent) / 3) * 3
        shift = int(exponent) - thousands
        return f"{float(mantissa) * 10**shift:.{max(digits - 1 - shift, 0)}f}E{thousands:+03d}"

    return spell


def zero_one(value: bool) -> str:
    """Return ``1`` or ``0``, the standard's reply."""
    return "1" if value else "0"


def on_off(value: bool) -> str:
    """Return ``ON`` or ``OFF``."""
    return "ON" if value else "OFF"


def quoted(text: str) -> str:
    """Return a string in double quotes, quotes inside doubled."""
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def block(payload: bytes, *, width: int | None = None) -> bytes:
    """Return a definite-length block; ``width`` fixes the number of length digits.

    >>> block(b"abc")
    b'#13abc'
    >>> block(b"", width=8)
    b'#800000000'
    """
    length = str(len(payload)).zfill(width or 1)
    return f"#{len(length)}{length}".encode("ascii") + payload
