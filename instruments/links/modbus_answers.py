"""Modbus requests in words, and whether an answer answers its request."""

from __future__ import annotations

import struct

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse

from instruments.links.garbled import GarbledError

__all__ = [
    "READS",
    "HoldingRegisters",
    "InputRegisters",
    "WriteCoilWord",
    "check_answer",
    "check_rtu_frame",
    "describe",
    "exception_in_words",
]

READS = (1, 2, 3, 4)
"""Function codes that change nothing."""

# Modbus Application Protocol V1.1b3, section 7.
_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal address",
    3: "illegal value",
    4: "failure in the device",
    5: "accepted, still at work",
    6: "busy",
    7: "not acknowledged",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "no answer behind the gateway",
}

_REQUESTS = {
    1: "read coils",
    2: "read discrete inputs",
    3: "read holding registers",
    4: "read input registers",
    5: "write coil",
    6: "write register",
    15: "write coils",
    16: "write registers",
}


class WriteCoilWord(ModbusPDU):
    """Function 05 with any 16-bit data: some boards take times and toggles there."""

    function_code = 5
    rtu_frame_size = 8

    def __init__(self, address: int, data: int, dev_id: int) -> None:
        super().__init__(address=address, dev_id=dev_id)
        self.data = data

    def encode(self) -> bytes:
        """Return address and data, high byte first."""
        return struct.pack(">HH", self.address, self.data)


class HoldingRegisters(ReadHoldingRegistersResponse):
    """The answer to function 03, unpacked at once: the library's own takes it word by word."""

    def decode(self, data: bytes) -> None:
        """Take the byte count and the registers, high byte first."""
        count = data[0]
        if count != len(data) - 1:
            raise GarbledError(f"{len(data) - 1} bytes of registers where {count} are announced")
        self.registers = list(struct.unpack(f">{count // 2}H", data[1:]))

    def __str__(self) -> str:
        return f"{len(self.registers)} registers"  # made for every answer, read or not


class InputRegisters(HoldingRegisters):
    """The answer to function 04, likewise."""

    function_code = 4


def exception_in_words(code: int) -> str:
    """Return an exception code with its meaning; codes outside the standard say so."""
    return f"exception {code} ({_EXCEPTIONS.get(code, 'a code of the maker')})"


def describe(request: ModbusPDU) -> str:
    """Return what a request asks, with addresses as they stand on the wire."""
    what = _REQUESTS[request.function_code]
    last = request.address + max(request.count, 1) - 1
    return f"{what} {request.address}" + (f" to {last}" if last > request.address else "")


def check_answer(request: ModbusPDU, answer: ModbusPDU, sent: bytes, received: bytes) -> None:
    """Raise ``GarbledError`` when a sound frame does not answer the request.

    The library checks the unit (and the transaction number of Modbus TCP), nothing else.
    """
    function = request.function_code
    if answer.function_code & 0x7F != function:
        raise GarbledError(f"an answer to function {answer.function_code & 0x7F}")
    if answer.isError():
        return
    if function in (3, 4) and len(answer.registers) != request.count:
        raise GarbledError(f"{len(answer.registers)} registers")
    if function in (1, 2) and len(answer.bits) < request.count:
        raise GarbledError(f"{len(answer.bits)} bits")
    if function in (5, 6) and sent not in received:
        raise GarbledError("the echo of something else")
    if function in (15, 16) and (answer.address, answer.count) != (request.address, request.count):
        raise GarbledError(f"an answer for {answer.count} from {answer.address}")


def check_rtu_frame(answer: ModbusPDU, received: bytes) -> None:
    """Raise ``GarbledError`` when the frame of an answer is not all that came.

    RTU frames carry no number, and the library takes the first that is sound: where more came, it
    may be the late answer to an earlier request.
    """
    size = _frame_size(answer)
    if len(received) != size:
        raise GarbledError(f"an answer of {size} bytes and {len(received) - size} bytes more")


def _frame_size(answer: ModbusPDU) -> int:
    function = answer.function_code
    if answer.isError():
        return 5
    if function in (3, 4):
        return 5 + 2 * len(answer.registers)
    return 5 + len(answer.bits) // 8 if function in (1, 2) else 8
