"""Modbus RTU frames from hex digits, sealed by a CRC of the tests' own."""

import struct


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def rtu(text):
    """Return a frame with its CRC from hex digits."""
    data = bytes.fromhex(text)
    return data + crc(data)
