"""The error numbers of SCPI-99 and the queue that keeps them (facts/instruments.md E1, E2)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

__all__ = ["STANDARD_TEXTS", "ErrorQueue", "ScpiError", "event_bit"]

STANDARD_TEXTS: Mapping[int, str] = {
    -100: "Command error",
    -101: "Invalid character",
    -102: "Syntax error",
    -103: "Invalid separator",
    -104: "Data type error",
    -108: "Parameter not allowed",
    -109: "Missing parameter",
    -112: "Program mnemonic too long",
    -113: "Undefined header",
    -114: "Header suffix out of range",
    -115: "Unexpected number of parameters",
    -121: "Invalid character in number",
    -123: "Exponent too large",
    -124: "Too many digits",
    -128: "Numeric data not allowed",
    -131: "Invalid suffix",
    -134: "Suffix too long",
    -138: "Suffix not allowed",
    -141: "Invalid character data",
    -144: "Character data too long",
    -148: "Character data not allowed",
    -151: "Invalid string data",
    -158: "String data not allowed",
    -161: "Invalid block data",
    -168: "Block data not allowed",
    -178: "Expression data not allowed",
    -200: "Execution error",
    -201: "Invalid while in local",
    -203: "Command protected",
    -211: "Trigger ignored",
    -213: "Init ignored",
    -220: "Parameter error",
    -221: "Settings conflict",
    -222: "Data out of range",
    -223: "Too much data",
    -224: "Illegal parameter value",
    -225: "Out of memory",
    -230: "Data corrupt or stale",
    -240: "Hardware error",
    -241: "Hardware missing",
    -300: "Device-specific error",
    -310: "System error",
    -330: "Self-test failed",
    -350: "Queue overflow",
    -360: "Communication error",
    -363: "Input buffer overrun",
    -365: "Time out error",
    -400: "Query error",
    -410: "Query INTERRUPTED",
    -420: "Query UNTERMINATED",
    -430: "Query DEADLOCKED",
    -440: "Query UNTERMINATED after indefinite response",
}

_CLASS_BITS = {1: 5, 2: 4, 3: 3, 4: 2, 5: 7, 6: 6, 8: 0}
_DEVICE_DEPENDENT_BIT = 3
_OVERFLOW = -350


class ScpiError(Exception):
    """Stop the present program message unit with an entry for the error queue."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


def event_bit(code: int) -> int:
    """Return the bit of the standard event register that an error of this number sets."""
    if code >= 0:
        return _DEVICE_DEPENDENT_BIT
    return _CLASS_BITS.get(-code // 100, _DEVICE_DEPENDENT_BIT)


class ErrorQueue:
    """First in, first out; when full, the last place says ``-350`` (or the newcomer is dropped)."""

    def __init__(self, depth: int, *, mark_overflow: bool = True) -> None:
        if depth < 1:
            raise ValueError(f"depth must be 1 or more, got {depth}")
        self._entries: deque[tuple[int, str]] = deque()
        self._depth = depth
        self._mark_overflow = mark_overflow

    def __len__(self) -> int:
        return len(self._entries)

    def push(self, code: int, detail: str = "") -> None:
        """Append an error; older entries are never lost."""
        if len(self._entries) < self._depth:
            self._entries.append((code, detail))
        elif self._mark_overflow:
            self._entries[-1] = (_OVERFLOW, "")

    def pop(self) -> tuple[int, str] | None:
        """Take the oldest entry out, None when there is none."""
        return self._entries.popleft() if self._entries else None

    def clear(self) -> None:
        """Forget all entries."""
        self._entries.clear()
