"""One Modbus unit: a request without address and CRC goes in, a reply or nothing comes out."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NoReturn

__all__ = ["Code", "Refusal", "Unit", "exception_reply"]


class Code(IntEnum):
    """Exception codes of the Modbus application protocol 1.1b3, section 7."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    DEVICE_FAILURE = 4
    GATEWAY_NO_RESPONSE = 11


class Refusal(Exception):
    """Refuse a request with an exception code, one of ``Code`` or the box's own."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception 0x{code:02X}")
        self.code = code


def exception_reply(function: int, code: int) -> bytes:
    """Return the reply that refuses a request of this function code."""
    return bytes([function | 0x80, code])


def _unsupported() -> NoReturn:
    raise Refusal(Code.ILLEGAL_FUNCTION)


class Unit:
    """A unit that refuses everything; a box overrides the hooks of what it can do.

    A hook gets an address and a count whose range is already checked (``address + count`` within
    65536, count within the limits of the protocol) and raises ``Refusal`` for what it has not.
    """

    delay_s: float = 0.0
    """What the box itself takes to answer, on top of the bytes on the line."""
    obeys_broadcast: bool = True
    """Whether a write to unit 0 is obeyed (never answered)."""
    unit_id: int | None = None
    """The address the box was given over the wire; None = the one it was put on the line with."""

    def read_coils(self, address: int, count: int) -> Sequence[bool]:
        """Answer function 01."""
        _unsupported()

    def read_discrete_inputs(self, address: int, count: int) -> Sequence[bool]:
        """Answer function 02."""
        _unsupported()

    def read_holding(self, address: int, count: int) -> Sequence[int]:
        """Answer function 03."""
        _unsupported()

    def read_input(self, address: int, count: int) -> Sequence[int]:
        """Answer function 04."""
        _unsupported()

    def write_coil(self, address: int, on: bool) -> None:
        """Obey function 05."""
        _unsupported()

    def write_coil_raw(self, address: int, data: int) -> None:
        """Obey function 05 with its 16 data bits as they came; FF00 is on, 0000 is off."""
        if data not in (0xFF00, 0x0000):
            raise Refusal(Code.ILLEGAL_VALUE)
        self.write_coil(address, data == 0xFF00)

    def write_register(self, address: int, value: int) -> None:
        """Obey function 06."""
        _unsupported()

    def write_coils(self, address: int, on: Sequence[bool]) -> None:
        """Obey function 15."""
        _unsupported()

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        """Obey function 16: all of the values or none."""
        _unsupported()

    def encode_bits(self, bits: Sequence[bool]) -> bytes:
        """Return the data bytes of a reply to function 01 or 02, the first bit lowest."""
        packed = bytearray((len(bits) + 7) // 8)
        for index, bit in enumerate(bits):
            packed[index // 8] |= bit << (index % 8)
        return bytes(packed)

    def handle(self, pdu: bytes) -> bytes | None:
        """Answer one request (function code and data); None when there is nothing to say."""
        if not pdu:
            return None
        try:
            return self._answer(pdu[0], pdu[1:])
        except Refusal as refusal:
            return exception_reply(pdu[0], refusal.code)

    def _answer(self, function: int, data: bytes) -> bytes:
        answer = _ANSWERS.get(function)
        if answer is None:
            raise Refusal(Code.ILLEGAL_FUNCTION)
        if len(data) < 4:
            raise Refusal(Code.ILLEGAL_VALUE)
        first, second = struct.unpack_from(">HH", data)
        return bytes([function]) + answer(self, first, second, data[4:])


def _span(address: int, count: int, most: int) -> None:
    """Refuse a count out of 1 to ``most`` with 03, one past the last address with 02."""
    if not 1 <= count <= most:
        raise Refusal(Code.ILLEGAL_VALUE)
    if address + count > 0x10000:
        raise Refusal(Code.ILLEGAL_ADDRESS)


def _no_more(rest: bytes) -> None:
    if rest:
        raise Refusal(Code.ILLEGAL_VALUE)


def _with_length(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def _read_coils(unit: Unit, address: int, count: int, rest: bytes) -> bytes:
    _no_more(rest)
    _span(address, count, 2000)
    return _with_length(unit.encode_bits(unit.read_coils(address, count)))


def _read_discrete_inputs(unit: Unit, address: int, count: int, rest: bytes) -> bytes:
    _no_more(rest)
    _span(address, count, 2000)
    return _with_length(unit.encode_bits(unit.read_discrete_inputs(address, count)))


def _read_holding(unit: Unit, address: int, count: int, rest: bytes) -> bytes:
    _no_more(rest)
    _span(address, count, 125)
    return _with_length(struct.pack(f">{count}H", *unit.read_holding(address, count)))


def _read_input(unit: Unit, address: int, count: int, rest: bytes) -> bytes:
    _no_more(rest)
    _span(address, count, 125)
    return _with_length(struct.pack(f">{count}H", *unit.read_input(address, count)))


def _write_coil(unit: Unit, address: int, value: int, rest: bytes) -> bytes:
    _no_more(rest)
    unit.write_coil_raw(address, value)
    return struct.pack(">HH", address, value)


def _write_register(unit: Unit, address: int, value: int, rest: bytes) -> bytes:
    _no_more(rest)
    unit.write_register(address, value)
    return struct.pack(">HH", address, value)


def _write_coils(unit: Unit, address: int, count: int, rest: bytes) -> bytes:
    _span(address, count, 1968)
    if len(rest) != 1 + (count + 7) // 8 or rest[0] != len(rest) - 1:
        raise Refusal(Code.ILLEGAL_VALUE)
    unit.write_coils(address, [bool(rest[1 + i // 8] >> (i % 8) & 1) for i in range(count)])
    return struct.pack(">HH", address, count)


def _write_registers(unit: Unit, address: int, count: int, rest: bytes) -> bytes:
    _span(address, count, 123)
    if len(rest) != 1 + 2 * count or rest[0] != 2 * count:
        raise Refusal(Code.ILLEGAL_VALUE)
    unit.write_registers(address, struct.unpack(f">{count}H", rest[1:]))
    return struct.pack(">HH", address, count)


_ANSWERS: dict[int, Callable[[Unit, int, int, bytes], bytes]] = {
    1: _read_coils,
    2: _read_discrete_inputs,
    3: _read_holding,
    4: _read_input,
    5: _write_coil,
    6: _write_register,
    15: _write_coils,
    16: _write_registers,
}
