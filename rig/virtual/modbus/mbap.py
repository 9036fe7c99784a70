"""Modbus TCP: requests behind a 7-byte MBAP header."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from rig.virtual.modbus.unit import Code, Unit, exception_reply
from rig.virtual.wires.contract import Line, Service

__all__ = ["mbap_service"]

_HEADER = struct.Struct(">HHHB")
_LONGEST = 254
"""Unit byte and the longest PDU of 253 bytes."""


def mbap_service(units: Mapping[int, Unit], *, delay_s: float = 0.0) -> Service:
    """Return the service of a Modbus TCP port with its units by address.

    An address nobody has is answered with exception 11, as a gateway does. A header that is not
    Modbus closes the connection: there is no way back into step. Each request charges
    ``delay_s`` and the unit's own delay.
    """
    return lambda line: _MbapSession(units, line, delay_s)


class _MbapSession:
    def __init__(self, units: Mapping[int, Unit], line: Line, delay_s: float) -> None:
        self._units, self._line, self._delay_s = units, line, delay_s
        self._buffer = bytearray()
        self._open = True

    def received(self, data: bytes) -> None:
        if self._open:
            self._buffer += data
        while len(self._buffer) >= _HEADER.size:
            transaction, protocol, length, address = _HEADER.unpack_from(self._buffer)
            if protocol != 0 or not 2 <= length <= _LONGEST:
                self.closed()
                self._line.close()
                return
            if len(self._buffer) < 6 + length:
                return
            pdu = bytes(self._buffer[_HEADER.size : 6 + length])
            del self._buffer[: 6 + length]
            self._answer(transaction, address, pdu)

    def closed(self) -> None:
        self._open = False
        self._buffer.clear()

    def _answer(self, transaction: int, address: int, pdu: bytes) -> None:
        unit = self._units.get(address)
        if unit is None:
            reply: bytes | None = exception_reply(pdu[0], Code.GATEWAY_NO_RESPONSE)
        else:
            reply = unit.handle(pdu)
        self._line.charge(self._delay_s + (unit.delay_s if unit else 0.0))
        if reply is not None:
            self._line.send(_HEADER.pack(transaction, 0, 1 + len(reply), address) + reply)
