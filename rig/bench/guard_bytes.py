"""Bytes out and bytes expected back, as the guardian's plan writes them down."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rig.bench.model import LinkSpec

__all__ = ["Exchange", "Framing", "framing_of", "in_words", "masked"]

Exchange = dict[str, Any]
"""``send``: hexadecimal; ``expect``: alternatives of ``bytes`` and, where not all count, ``mask``.
"""
Masked = tuple[bytes, bytes]
_MBAP_NUMBER = 1
_CRC_SEED, _CRC_POLYNOMIAL = 0xFFFF, 0xA001


@dataclass(frozen=True, slots=True)
class Framing:
    """How a Modbus unit is addressed on its kind of link."""

    unit: int
    tcp: bool
    """Modbus TCP, else RTU (also inside TCP)."""

    def exchange(self, pdu: str, answer: str) -> Exchange:
        """Return a request with the one answer that is right, all of it."""
        return {
            "send": self._frame(bytes.fromhex(pdu)).hex(),
            "expect": [{"bytes": self._frame(bytes.fromhex(answer)).hex()}],
        }

    def ask(self, pdu: str, answers: Sequence[Masked]) -> Exchange:
        """Return a request of whose answers some bits count."""
        return {
            "send": self._frame(bytes.fromhex(pdu)).hex(),
            "expect": [self._masked(*answer) for answer in answers],
        }

    def _frame(self, pdu: bytes) -> bytes:
        if self.tcp:
            return struct.pack(">HHHB", _MBAP_NUMBER, 0, len(pdu) + 1, self.unit) + pdu
        body = bytes([self.unit]) + pdu
        return body + struct.pack("<H", _crc(body))

    def _masked(self, pdu: bytes, mask: bytes) -> dict[str, str]:
        """Frame an answer; its check sum depends on the bits that do not count."""
        head = 7 if self.tcp else 1
        tail = b"" if self.tcp else b"\0\0"
        frame = self._frame(pdu)
        return {"bytes": frame.hex(), "mask": (b"\xff" * head + mask + tail).hex()}


def framing_of(link: LinkSpec) -> Framing:
    """Return the framing of a link; of no meaning on one that is not Modbus."""
    return Framing(link.unit or 0, tcp=link.kind == "modbus-tcp")


def masked(pdu: str, mask: str) -> Masked:
    """Return an answer and which of its bits count."""
    return bytes.fromhex(pdu), bytes.fromhex(mask)


def in_words(message: str, answers: Sequence[str]) -> Exchange:
    """Return a program message, and the answers that are right, whatever ends their lines."""
    ends = (b"\n", b"\r\n")
    expect = [{"bytes": (answer.encode() + end).hex()} for answer in answers for end in ends]
    return {"send": (message.encode() + b"\n").hex(), "expect": expect}


def _crc(data: bytes) -> int:
    crc = _CRC_SEED
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_CRC_POLYNOMIAL if crc & 1 else 0)
    return crc
