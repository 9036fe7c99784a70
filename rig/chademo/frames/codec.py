"""Turn a frame's eight bytes into a typed, frozen object and back, without loss.

A frame is read as one 64-bit little-endian number, so that every field, of 1, 8 or 16 bits, is a
shift and a mask (facts: chademo.md section 1, byte order). Bits that no field covers are kept in
``spare``: what was decoded encodes to the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, Self

from instruments.errors import UsageError

__all__ = ["FRAME_BYTES", "FieldLayout", "Message", "Side", "flag", "layout_of", "number"]

FRAME_BYTES = 8
_ALL_BITS = (1 << (8 * FRAME_BYTES)) - 1


class Side(StrEnum):
    """Who sends a frame."""

    VEHICLE = "vehicle"
    CHARGER = "charger"


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """Where one field stands, and from which protocol number on it means something."""

    name: str
    shift: int
    bits: int
    inverted: bool
    since: int

    @property
    def mask(self) -> int:
        """The highest raw value."""
        return (1 << self.bits) - 1

    def read(self, frame: int) -> int:
        """Take the field out of a frame."""
        raw = frame >> self.shift & self.mask
        return self.mask - raw if self.inverted else raw

    def place(self, value: int) -> int:
        """Return the value at its place in a frame."""
        return (self.mask - value if self.inverted else value) << self.shift


def number(byte: int, bits: int = 8, *, inverted: bool = False, since: int = 0) -> int:
    """Declare an unsigned field; an inverted one is sent as its highest value minus itself."""
    place = {"shift": 8 * byte, "bits": bits, "inverted": inverted, "since": since}
    return field(default=0, metadata=place)


def flag(byte: int, bit: int, *, since: int = 0) -> bool:
    """Declare a field of one bit."""
    place = {"shift": 8 * byte + bit, "bits": 1, "inverted": False, "since": since}
    return field(default=False, metadata=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One frame of the catalogue; every value its bytes can carry is a value, not an error."""

    IDENTIFIER: ClassVar[int]
    SENDER: ClassVar[Side]
    spare: int = 0
    """Bits of no field, at their place in the frame."""

    def __post_init__(self) -> None:
        layout = layout_of(type(self))
        for each in layout:
            value = getattr(self, each.name)
            if not 0 <= value <= each.mask:
                raise UsageError(
                    f"{type(self).__name__}.{each.name} must be 0 to {each.mask}, got {value}"
                )
        if not 0 <= self.spare <= _ALL_BITS or self.spare & _covered(layout):
            raise UsageError(f"{type(self).__name__}.spare must be bits of no field")

    def encode(self) -> bytes:
        """Return the eight bytes."""
        frame = self.spare
        for each in layout_of(type(self)):
            frame |= each.place(getattr(self, each.name))
        return frame.to_bytes(FRAME_BYTES, "little")

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read eight bytes; another number of bytes is a ``UsageError``."""
        if len(data) != FRAME_BYTES:
            raise UsageError(f"{cls.__name__} has {FRAME_BYTES} bytes, got {len(data)}")
        frame = int.from_bytes(data, "little")
        layout = layout_of(cls)
        # Any: a flag is bool and every other field int, which the layout knows and types do not.
        values: dict[str, Any] = {
            each.name: bool(each.read(frame)) if each.bits == 1 else each.read(frame)
            for each in layout
        }
        return cls(spare=frame & ~_covered(layout), **values)


def layout_of(kind: type[Message]) -> tuple[FieldLayout, ...]:
    """Return the fields of a kind of frame in the order of their declaration."""
    layout = _LAYOUTS.get(kind)
    if layout is None:
        declared = (each for each in fields(kind) if each.metadata)
        layout = _LAYOUTS[kind] = tuple(
            FieldLayout(each.name, **each.metadata) for each in declared
        )
    return layout


_LAYOUTS: dict[type[Message], tuple[FieldLayout, ...]] = {}


def _covered(layout: tuple[FieldLayout, ...]) -> int:
    return sum(each.mask << each.shift for each in layout)
