"""SLCAN (Lawicel ASCII): frames to lines and back, and the answers between them; facts D3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from instruments.capabilities import CanFrame

__all__ = ["MOST_MS", "Answer", "SlcanStream", "StampedFrame", "decode_frame", "encode_frame"]

MOST_MS = 60_000
"""Time stamps count 0 to 59999 ms, then begin again."""
_LONGEST_LINE = 64
_CR, _BEL = 0x0D, 0x07
_HEX = re.compile(rb"[0-9A-Fa-f]*\Z")
_IDENTIFIER_DIGITS = {b"t": 3, b"r": 3, b"T": 8, b"R": 8}


@dataclass(frozen=True, slots=True)
class StampedFrame:
    """A received frame, with the adapter's own time where it stamps."""

    frame: CanFrame
    stamp_ms: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an adapter says of a command: accepted or not, and the text where it was a question."""

    accepted: bool
    text: str = ""


def encode_frame(frame: CanFrame) -> bytes:
    r"""Return the command that sends a frame, with its carriage return.

    >>> encode_frame(CanFrame(0x102, b"\x02\xff"))
    b't102202FF\r'
    """
    kind = "r" if frame.remote else "t"
    header = f"{kind}{frame.identifier:03X}"
    if frame.extended:
        header = f"{kind.upper()}{frame.identifier:08X}"
    return f"{header}{frame.length}{frame.data.hex().upper()}\r".encode("ascii")


def decode_frame(line: bytes) -> StampedFrame:
    """Return the frame of a line without its carriage return; raises ``ValueError`` on all else."""
    kind = line[:1]
    digits = _IDENTIFIER_DIGITS.get(kind)
    if digits is None or not _HEX.match(line, 1):
        raise ValueError(f"{line!r} is no frame")
    length_at, remote, extended = 1 + digits, kind in b"rR", kind in b"TR"
    if len(line) <= length_at or not b"0" <= line[length_at : length_at + 1] <= b"8":
        raise ValueError(f"{line!r} has no length")
    length = int(line[length_at : length_at + 1])
    end = length_at + 1 + (0 if remote else 2 * length)
    if len(line) not in (end, end + 4):
        raise ValueError(f"{line!r} is not as long as it says")
    identifier = int(line[1:length_at], 16)
    if identifier > (0x1FFF_FFFF if extended else 0x7FF):
        raise ValueError(f"{line!r} has an identifier too large")
    return StampedFrame(
        CanFrame(
            identifier,
            bytes.fromhex(line[length_at + 1 : end].decode("ascii")),
            extended=extended,
            remote=remote,
            remote_length=length if remote else 0,
        ),
        _decode_stamp(line[end:]),
    )


def _decode_stamp(digits: bytes) -> int | None:
    if not digits:
        return None
    stamp_ms = int(digits, 16)
    if stamp_ms >= MOST_MS:
        raise ValueError(f"time stamp {digits!r} is beyond {MOST_MS - 1} ms")
    return stamp_ms


class SlcanStream:
    """Bytes in any pieces, taken apart into frames and answers."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[StampedFrame | Answer]:
        """Yield what the bytes complete; raises ``ValueError`` on a line that is neither.

        A bad line is dropped, and what follows it comes with the next call.
        """
        self._rest += data
        while (found := self._take()) is not None:
            yield found

    def _take(self) -> StampedFrame | Answer | None:
        for at, byte in enumerate(self._rest):
            if byte not in (_CR, _BEL):
                continue
            line = bytes(self._rest[:at])
            del self._rest[: at + 1]
            return _understand(line, refused=byte == _BEL)
        if len(self._rest) > _LONGEST_LINE:
            line = bytes(self._rest)
            self._rest.clear()
            raise ValueError(f"{line!r} does not end")
        return None


def _understand(line: bytes, *, refused: bool) -> StampedFrame | Answer:
    if refused:
        if line:
            raise ValueError(f"{line!r} ends in a refusal")
        return Answer(accepted=False)
    if line in (b"", b"z", b"Z"):
        return Answer(accepted=True)
    if line[:1] in _IDENTIFIER_DIGITS:
        return decode_frame(line)
    if not line.isascii() or not line.decode("ascii").isprintable():
        raise ValueError(f"{line!r} is no answer")
    return Answer(accepted=True, text=line.decode("ascii"))
