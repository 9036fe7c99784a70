"""16-bit registers to numbers and back: signed words, and 32 bits with the high word first."""

from __future__ import annotations

__all__ = ["from_signed", "from_u32", "signed", "u32"]


def signed(word: int) -> int:
    """Return a register as a two's-complement number.

    >>> signed(0xFFFF)
    -1
    """
    return word - 0x10000 if word & 0x8000 else word


def from_signed(value: int) -> int:
    """Return a number from -32768 to 32767 as a register; raises ``ValueError`` outside."""
    if not -0x8000 <= value <= 0x7FFF:
        raise ValueError(f"{value} does not fit a signed 16-bit register")
    return value & 0xFFFF


def u32(high: int, low: int) -> int:
    """Return two registers as one number.

    >>> u32(1, 2)
    65538
    """
    return high << 16 | low


def from_u32(value: int) -> tuple[int, int]:
    """Return a number as high and low register; raises ``ValueError`` when it does not fit."""
    if not 0 <= value <= 0xFFFF_FFFF:
        raise ValueError(f"{value} does not fit 32 bits")
    return value >> 16, value & 0xFFFF
