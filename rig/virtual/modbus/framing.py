"""Where a request ends in a stream of bytes that may have been split anywhere.

A serial slave sees the end of a frame in the silence after it; a stream has no silence. So the
end follows from the function code, and for a code of unknown length from the first prefix whose
CRC is sound. What is found depends on the bytes only, never on how they were split.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from rig.virtual.modbus.crc import START, is_sound, step

__all__ = ["MAX_FRAME", "Candidate", "Framer", "next_candidate"]

MAX_FRAME = 256
"""The longest RTU frame in bytes (Modbus over serial line 1.02, 2.5.1)."""

_LONGEST_UNKNOWN = 64
"""The longest frame with a function of unknown length that a line waits for, in bytes."""

_LAST_ADDRESS = 247
_FIXED = frozenset({1, 2, 3, 4, 5, 6})
_COUNTED = frozenset({15, 16})


@dataclass(frozen=True, slots=True)
class Candidate:
    """What stands at the start of a buffer: a frame of ``length`` bytes, sound or not."""

    length: int
    sound: bool


def next_candidate(buffer: bytes | bytearray) -> Candidate | None:
    """Return what stands at the start of the buffer; None while more bytes are needed to tell."""
    if len(buffer) < 4:
        return None
    function = buffer[1]
    if function in _FIXED:
        return _of_length(buffer, 8)
    if function in _COUNTED:
        return _of_length(buffer, 9 + buffer[6]) if len(buffer) > 6 else None
    return _by_crc(buffer, MAX_FRAME)


def _of_length(buffer: bytes | bytearray, length: int) -> Candidate | None:
    if len(buffer) < min(length, MAX_FRAME):
        return None
    return Candidate(min(length, MAX_FRAME), length <= MAX_FRAME and is_sound(buffer[:length]))


def _by_crc(buffer: bytes | bytearray, longest: int) -> Candidate | None:
    """Take the shortest prefix with a sound CRC as the frame; give up at ``longest`` bytes."""
    crc = START
    for count, byte in enumerate(buffer[:longest], start=1):
        crc = step(crc, byte)
        if crc == 0 and count >= 4:
            return Candidate(count, sound=True)
    return Candidate(longest, sound=False) if len(buffer) >= longest else None


class _State(Enum):
    WAIT = auto()  # a known function, not all there yet: nothing behind it is looked at
    MAYBE = auto()  # an unknown function: may yet turn out a frame, may be garbage
    NEVER = auto()


class Framer:
    """Find the sound frames of a serial line, and the way back into step after garbage."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def clear(self) -> None:
        """Forget what is incomplete."""
        self._buffer.clear()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield each sound frame as its last byte comes.

        Where a frame with an unknown function may have begun, a sound frame behind its start is
        taken as soon as it is whole: the start was garbage.
        """
        for byte in data:
            self._buffer.append(byte)
            frame = self._take()
            if frame is not None:
                yield frame

    def _take(self) -> bytes | None:
        start = 0
        while start < len(self._buffer):
            found = self._at(start)
            if isinstance(found, int):
                frame = bytes(self._buffer[start : start + found])
                del self._buffer[: start + found]
                return frame
            if found is _State.WAIT:
                return None
            if found is _State.NEVER and start == 0:
                del self._buffer[0]
            else:
                start += 1
        return None

    def _at(self, start: int) -> int | _State:
        """Return the length of the sound frame at ``start``, or what may still come of it."""
        rest = self._buffer[start:]
        if rest[0] > _LAST_ADDRESS:
            return _State.NEVER
        if len(rest) < 2:
            return _State.WAIT
        known = rest[1] in _FIXED or rest[1] in _COUNTED
        candidate = next_candidate(rest) if known else _by_crc(rest, _LONGEST_UNKNOWN)
        if candidate is None:
            return _State.WAIT if known else _State.MAYBE
        return candidate.length if candidate.sound else _State.NEVER
