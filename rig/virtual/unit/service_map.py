"""The service port's address map: which registers exist, and what they may be set to."""

from __future__ import annotations

from collections.abc import Sequence

from rig.virtual.ports import ServiceRefusal
from rig.virtual.unit.memory import EVENTS_KEPT
from rig.virtual.unit.sequence import priority_of

__all__ = [
    "EVENT_FIRST",
    "EVENT_NEWEST",
    "EVENT_WORDS",
    "ILLEGAL_ADDRESS",
    "ILLEGAL_VALUE",
    "NOT_ALLOWED",
    "check_holding_addresses",
    "check_values",
    "u32",
]

ILLEGAL_ADDRESS, ILLEGAL_VALUE, NOT_ALLOWED = 2, 3, 4
EVENT_NEWEST, EVENT_FIRST, EVENT_WORDS = 99, 100, 7
EVENT_END = EVENT_FIRST + EVENT_WORDS * EVENTS_KEPT

_RANGES: dict[int, tuple[int, int]] = {
    0: (1, 4),
    1: (0, 7),
    3: (10, 90),
    4: (0, 1),
    5: (500, 15000),
    6: (0, 3),
    7: (0, 30),
    8: (0, 0xFFFF),
    9: (0, 0xFFFF),
    10: (10, 100),
    16: (0, 1000),
    17: (0, 10_000),
    18: (0, 10_000),
    20: (0, 15),
    21: (0, 10_000),
    22: (0, 0xFFFF),
}
_HOLDING = frozenset(_RANGES) | {2, 19}
_TEMPERATURE = (-400, 1000)


def u32(value: int) -> list[int]:
    """Return a 32-bit value as two registers, the high word first."""
    return [value >> 16 & 0xFFFF, value & 0xFFFF]


def check_holding_addresses(address: int, count: int) -> None:
    """Refuse with 02 unless every address is a holding register."""
    if count < 1 or not all(each in _HOLDING for each in range(address, address + count)):
        raise ServiceRefusal(ILLEGAL_ADDRESS)


def check_values(address: int, values: Sequence[int]) -> None:
    """Refuse with 03 when a value is out of range; UTC is written as the pair 8, 9 only."""
    for register, value in enumerate(values, start=address):
        if not _in_range(register, value):
            raise ServiceRefusal(ILLEGAL_VALUE)
    end = address + len(values)
    if (address <= 8 < end) != (address <= 9 < end):
        raise ServiceRefusal(ILLEGAL_VALUE)


def _in_range(register: int, value: int) -> bool:
    if register == 2:
        return value <= 0xFFF and sorted(priority_of(value)) == [1, 2, 3]
    if register == 19:
        signed = value - 0x10000 if value & 0x8000 else value
        return _TEMPERATURE[0] <= signed <= _TEMPERATURE[1]
    low, high = _RANGES[register]
    return low <= value <= high
