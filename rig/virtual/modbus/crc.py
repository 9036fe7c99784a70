"""CRC-16 of Modbus RTU: polynomial 0xA001 (reflected), start value 0xFFFF, low byte first."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["START", "crc16", "is_sound", "seal", "step"]

START = 0xFFFF


def _entry(index: int) -> int:
    value = index
    for _ in range(8):
        value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


_TABLE = tuple(_entry(index) for index in range(256))


def step(crc: int, byte: int) -> int:
    """Return the CRC after one more byte."""
    return (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]


def crc16(data: Iterable[int]) -> int:
    """Return the CRC of the bytes; 0 over a frame that carries its own sound CRC.

    >>> hex(crc16(bytes.fromhex("01050000FF00")))
    '0x3a8c'
    """
    crc = START
    for byte in data:
        crc = step(crc, byte)
    return crc


def seal(body: bytes) -> bytes:
    """Return the body with its CRC behind it."""
    return body + crc16(body).to_bytes(2, "little")


def is_sound(frame: bytes | bytearray) -> bool:
    """Return whether the frame (unit, function, data, CRC) has at least 4 bytes and a sound CRC."""
    return len(frame) >= 4 and crc16(frame) == 0
