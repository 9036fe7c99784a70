"""One Modbus connection or serial line, and the units on it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from instruments.clock import Clock
from instruments.errors import BenchError, LinkClosed, LinkTimeout, Refused, UsageError
from instruments.links.garbled import GarbledError
from instruments.links.modbus_answers import (
    READS,
    WriteCoilWord,
    check_answer,
    check_rtu_frame,
    describe,
    exception_in_words,
)
from instruments.links.modbus_client import Client, SilenceError, make_client
from instruments.links.modbus_transport import ModbusTcp, RtuOverTcp, RtuSerial, Transport
from instruments.links.notes import NOT_OPENED, OPENED_ANEW, in_words
from instruments.links.turn import Turn
from instruments.links.wire import Exchange, TranscriptSink, Wires

__all__ = ["ModbusLine", "ModbusUnit"]

_REOPENS = "closed the connection; the next exchange opens it anew"
_MOST_WRITTEN = 123
_ON, _OFF = 0xFF00, 0x0000


class ModbusLine:
    """One connection or serial line with one lock; nothing is opened before the first exchange.

    After any failure the connection is closed, and the next exchange opens it anew; a connection
    that is found closed, or with bytes on it nobody asked for, before anything was sent is opened
    anew at once. RTU answers carry no number: on a serial line, which outlives its being closed
    also behind a device server, the first read after a failure therefore waits until nothing has
    come for a whole time-out, and writes must be echoed.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        name: str,
        clock: Clock,
        wires: Wires,
        timeout_s: float = 0.5,
        min_gap_s: float = 0.0,
        transcript: TranscriptSink | None = None,
    ) -> None:
        if timeout_s <= 0:
            raise UsageError(f"time-out of {name}: expected above 0 s, got {timeout_s}")
        self.name, self.address = name, transport.address
        self._clock, self._transcript, self._timeout_s = clock, transcript, timeout_s
        self._wire = wires.wire(transport.address, min_gap_s=min_gap_s)
        self._turn = Turn(self._wire)
        self._serial = isinstance(transport, RtuSerial)
        self._rtu = not isinstance(transport, ModbusTcp)
        self._outlives = self._serial or (
            isinstance(transport, RtuOverTcp) and transport.device_server
        )
        self._client = make_client(transport, self._wire, timeout_s, real=wires.concurrent)
        self._open = self._late = False

    def unit(self, unit_id: int, *, name: str | None = None) -> ModbusUnit:
        """Return the unit at an address, 0 to 255 (some boxes answer to 0)."""
        if not 0 <= unit_id <= 255:
            raise UsageError(f"unit on {self.name}: expected an address 0 to 255, got {unit_id}")
        return ModbusUnit(self, unit_id, self.name if name is None else name)

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the line for several exchanges; re-entrant."""
        return self._turn

    def close(self) -> None:
        """Close the connection; the next exchange would open it anew."""
        with self._turn:
            self._open = False
            self._client.close()

    def execute(self, unit: ModbusUnit, request: ModbusPDU) -> ModbusPDU:
        """Send a request and return its sound answer; raises ``BenchError`` or ``UsageError``."""
        client = self._client
        with self._turn:
            self._turn.speak()
            if not self._open or not client.quiet():
                self._reopen(unit, request)
            client.request = client.received = b""
            t_s = self._clock.now()
            try:
                if self._late and request.function_code in READS:
                    self._listen_out()
                    t_s = self._clock.now()
                answer = client.execute(False, request)
                check_answer(request, answer, client.request, client.received)
                if self._rtu:
                    check_rtu_frame(answer, client.received)
            except Exception as error:
                self._lose(owed=self._outlives)
                raise self._failed(t_s, unit, request, error) from error
            except BaseException:
                self._lose(owed=self._outlives)  # the answer may still come
                raise
            if answer.isError():
                raise self._refused(t_s, unit, request, answer.exception_code)
            if self._transcript is not None:
                self._note(t_s, unit, None)
            return answer

    def _reopen(self, unit: ModbusUnit, request: ModbusPDU) -> None:
        self._client.request = self._client.received = b""
        t_s = self._clock.now()
        if self._open:
            self._note(t_s, unit, OPENED_ANEW)
            self._lose(owed=self._serial)  # a connection may just have been closed for idleness
        try:
            with nullcontext() if self._serial else self._wire.blocking():
                self._client.open()
        except OSError as error:
            self._client.close()
            self._note(t_s, unit, f"{NOT_OPENED}{error}")
            raise LinkClosed(
                describe(request),
                box=unit.name,
                address=unit.address,
                expected="a connection",
                got=f"{error}",
            ) from error
        self._open = True

    def _listen_out(self) -> None:
        self._client.listen_out()
        self._wire.waited(self._timeout_s)
        self._late = False

    def _lose(self, *, owed: bool) -> None:
        """Close the connection; take note whether an answer may still come on the next one."""
        self._open = False
        self._late = self._late or owed
        self._client.close()

    def _failed(
        self, t_s: float, unit: ModbusUnit, request: ModbusPDU, error: Exception
    ) -> Exception:
        """Return the error to raise; one that is none of the wire's as itself."""
        client = self._client
        if not client.request and not isinstance(error, OSError):
            return UsageError(f"{describe(request)} on {unit.name} at {unit.address}: {error}")
        known = isinstance(error, (OSError, ModbusException, SilenceError, GarbledError))
        if not known and not client.received:
            return error  # pymodbus raises nearly anything, but only once there are bytes to read
        kind = _kind_of(error)
        if kind is LinkTimeout:
            self._wire.waited(self._timeout_s)
        self._note(t_s, unit, in_words(kind, error))
        return kind(
            describe(request),
            box=unit.name,
            address=unit.address,
            expected=f"a sound answer within {self._timeout_s:g} s",
            got=_what_came(error, client),
            did=_REOPENS,
        )

    def _refused(self, t_s: float, unit: ModbusUnit, request: ModbusPDU, code: int) -> Refused:
        words = exception_in_words(code)
        self._note(t_s, unit, words)
        return Refused(
            describe(request),
            box=unit.name,
            address=unit.address,
            expected="the request to be carried out",
            got=words,
            code=code,
        )

    def _note(self, t_s: float, unit: ModbusUnit, error: str | None) -> None:
        if self._transcript is not None:
            sent, received = self._client.request, self._client.received
            self._transcript(Exchange(t_s, unit.name, unit.address, sent, received, error))


class ModbusUnit:
    """One unit on a line: what Modbus drivers take. Addresses as they stand on the wire."""

    def __init__(self, line: ModbusLine, unit_id: int, name: str) -> None:
        self.name, self.address = name, f"{line.address} unit {unit_id}"
        self._line, self._id = line, unit_id

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the line for several exchanges; re-entrant."""
        return self._line.transaction()

    def read_coils(self, address: int, count: int = 1) -> list[bool]:
        """Return coils (function 01)."""
        request = ReadCoilsRequest(address=address, count=count, dev_id=self._id)
        return list(self._line.execute(self, request).bits[:count])

    def read_discrete_inputs(self, address: int, count: int) -> list[bool]:
        """Return discrete inputs (function 02)."""
        request = ReadDiscreteInputsRequest(address=address, count=count, dev_id=self._id)
        return list(self._line.execute(self, request).bits[:count])

    def read_holding(self, address: int, count: int = 1) -> list[int]:
        """Return holding registers (function 03), 0 to 65535 each."""
        request = ReadHoldingRegistersRequest(address=address, count=count, dev_id=self._id)
        return list(self._line.execute(self, request).registers)

    def read_input(self, address: int, count: int = 1) -> list[int]:
        """Return input registers (function 04), 0 to 65535 each."""
        request = ReadInputRegistersRequest(address=address, count=count, dev_id=self._id)
        return list(self._line.execute(self, request).registers)

    def write_coil(self, address: int, on: bool) -> None:
        """Switch one coil (function 05)."""
        self.write_coil_raw(address, _ON if on else _OFF)

    def write_coils(self, address: int, on: Sequence[bool]) -> None:
        """Switch neighbouring coils at once (function 15)."""
        request = WriteMultipleCoilsRequest(address=address, bits=list(on), dev_id=self._id)
        self._line.execute(self, request)

    def write_register(self, address: int, value: int) -> None:
        """Write one holding register (function 06)."""
        request = WriteSingleRegisterRequest(address=address, registers=[value], dev_id=self._id)
        self._line.execute(self, request)

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        """Write neighbouring holding registers at once (function 16), 1 to 123 of them."""
        if not 1 <= len(values) <= _MOST_WRITTEN:
            raise UsageError(
                f"write registers {address} on {self.name} at {self.address}: expected 1 to "
                f"{_MOST_WRITTEN} values, got {len(values)}"
            )
        request = WriteMultipleRegistersRequest(
            address=address, registers=list(values), dev_id=self._id
        )
        self._line.execute(self, request)

    def write_coil_raw(self, address: int, data: int) -> None:
        """Send function 05 with any 16-bit data: toggles and times of relay boards."""
        self._line.execute(self, WriteCoilWord(address, data, self._id))


def _kind_of(error: Exception) -> type[BenchError]:
    if isinstance(error, (SilenceError, TimeoutError)):
        return LinkTimeout
    return LinkClosed if isinstance(error, OSError) else BenchError


def _what_came(error: Exception, client: Client) -> str:
    received, request = client.received, client.request
    shown = received[:40].hex(" ") + (" ..." if len(received) > 40 else "")
    came = f"{len(received)} bytes {shown}" if received else "nothing"
    if request and received.startswith(request):
        came += ", which begins with the request itself: does the adapter echo?"
    return f"{came} ({error})" if f"{error}" else came
