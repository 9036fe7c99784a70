"""Definite-length blocks of IEEE 488.2: ``#``, one digit, that many digits of length, the data."""

from __future__ import annotations

from instruments.links.garbled import GarbledError

__all__ = ["block_end", "payload"]

_LONGEST_HEADER = 11


def block_end(start: bytes | bytearray) -> int | None:
    """Return how many bytes header and data take together; None while the header is incomplete."""
    header = _header_length(start)
    if header is None or len(start) < header:
        return None
    digits = bytes(start[2:header])
    if not digits.isdigit():
        raise GarbledError(f"a block whose length reads {digits!r}")
    return header + int(digits)


def payload(block: bytes | bytearray) -> bytes:
    """Return the data of a complete block; what follows the data is not looked at."""
    end = block_end(block[:_LONGEST_HEADER])
    if end is None or len(block) < end:
        raise GarbledError(f"a block of {len(block)} bytes where its header says {end}")
    return bytes(memoryview(block)[2 + int(block[1:2]) : end])


def _header_length(start: bytes | bytearray) -> int | None:
    if start and start[:1] != b"#":
        raise GarbledError(f"no block but {bytes(start[:40])!r}")
    if len(start) < 2:
        return None
    if start[1:2] not in b"123456789":
        raise GarbledError(f"a block of no definite length, {bytes(start[:12])!r}")
    return 2 + int(start[1:2])
