"""Links that replay a recorded conversation: a problem of the field becomes a test of a driver.

The links' own code runs, over a channel that plays the record: so an answer that was garbled,
late or missing is refused now as it was then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import Literal, Self

from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient
from pymodbus.framer import FramerRTU

from instruments.clock import Clock
from instruments.errors import BenchError
from instruments.links.blocks import block_end
from instruments.links.modbus import ModbusLine, ModbusUnit
from instruments.links.modbus_client import Paced, prepared
from instruments.links.modbus_transport import ModbusTcp, RtuOverTcp
from instruments.links.notes import READ_AWAY, is_time_out
from instruments.links.script import ReplayMismatchError, Script, abbreviated
from instruments.links.visa import VisaLink
from instruments.links.visa_address import parse_resource
from instruments.links.visa_channels import Channel, StreamChannel
from instruments.links.wire import Exchange, RealWire, RealWires

__all__ = ["ReplayMismatchError", "ReplayedLine", "ReplayedVisa"]

_TIMEOUT_S = 60.0
"""Never waited for: what did not come then does not come now."""
_NUMBER = 2
"""Bytes at the start of a Modbus TCP frame that merely count the frames."""


class _Finishing:
    """The end of a replay: everything recorded must have been said."""

    _script: Script

    def finish(self) -> None:
        """Raise ``ReplayMismatchError`` when exchanges are left."""
        self._script.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finish, unless something went wrong already."""
        if kind is None:
            self.finish()


class ReplayedVisa(_Finishing, VisaLink):
    """A ``VisaLink`` to a box that says what it said then, if it is told what it was told then.

    Terminators must be those of the recorded link.
    """

    def __init__(
        self,
        exchanges: Iterable[Exchange],
        *,
        clock: Clock,
        read_termination: str = "\n",
        write_termination: str = "\n",
    ) -> None:
        kept = list(exchanges)
        self._script = Script(kept)
        first = self._script.first
        super().__init__(
            first.address,
            name=first.box,
            clock=clock,
            wires=RealWires(clock),
            timeout_s=_TIMEOUT_S,
            read_termination=read_termination,
            write_termination=write_termination,
            device_server=any((each.error or "").startswith(READ_AWAY) for each in kept),
        )
        self._whole = parse_resource(first.address).kind not in ("socket", "serial")

    def _connect(self) -> Channel:
        _open(self._script)
        if self._whole:
            return _Messages(self._script)
        return _Stream(self._script, self._clock, self._read_ends)


class ReplayedLine(_Finishing, ModbusLine):
    """A ``ModbusLine`` with one unit that says what it said then; see ``ReplayedVisa``.

    ``framing`` is found out from the record unless it is given.
    """

    def __init__(
        self,
        exchanges: Iterable[Exchange],
        *,
        clock: Clock,
        framing: Literal["rtu", "tcp"] | None = None,
    ) -> None:
        self._script = Script(exchanges)
        first = self._script.first
        rtu = framing == "rtu" if framing is not None else _has_crc(first.sent)
        address, _, unit = first.address.rpartition(" unit ")
        host, _, port = address.rpartition(":")
        place = (host, int(port)) if host and port.isdigit() else (address, 0)
        super().__init__(
            RtuOverTcp(*place) if rtu else ModbusTcp(*place),
            name=first.box,
            clock=clock,
            wires=RealWires(clock),
            timeout_s=_TIMEOUT_S,
        )
        self.address, self._unit_id = address, int(unit)
        self._client = prepared(_Client(self._script, clock, rtu=rtu))

    def only_unit(self) -> ModbusUnit:
        """Return the unit that was recorded."""
        return self.unit(self._unit_id)


class _Answer:
    """What a box said to one message, and then what happened."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange, self._left = exchange, exchange.received
        if exchange.error is not None and not exchange.received:
            raise self._end()

    def take(self) -> bytes:
        """Return all that came; the second time, raise what came of waiting for more."""
        taken, self._left = self._left, b""
        if not taken:
            raise self._end()
        return taken

    def message(self) -> bytes:
        """Return a whole message, which is none when waiting or the connection failed."""
        note = self._exchange.error
        if note is not None and not note.startswith(f"{BenchError.__name__}: "):
            raise self._end()
        return self._left

    def _end(self) -> Exception:
        note = self._exchange.error
        if note is None:
            return abbreviated(self._exchange)
        return TimeoutError() if is_time_out(note) else ConnectionError(note)


class _Stream(StreamChannel):
    """A socket or serial line that plays the record."""

    _chunk = 1 << 30

    def __init__(self, script: Script, clock: Clock, terminator: bytes) -> None:
        wire = RealWire(clock)
        super().__init__(_NoSession(), wire, terminator=terminator, timeout_s=_TIMEOUT_S)
        self._script = script
        self.quiet = lambda: not script.lost()

    def _send(self, data: bytes) -> None:
        self._answer = _Answer(self._script.hear(data))

    def _take(self) -> bytes:
        return self._answer.take()


class _Messages:
    """A HiSLIP or VXI-11 connection that plays the record."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.received: bytes | bytearray = b""

    def quiet(self) -> bool:
        """Tell that nothing is waiting."""
        return not self._script.lost()

    def tell(self, data: bytes) -> None:
        """Compare what is said with the record."""
        self.received = b""
        _Answer(self._script.hear(data))

    def ask(self, data: bytes) -> bytes | bytearray:
        """Compare what is said with the record and return what came."""
        self.received = b""
        self.received = _Answer(self._script.hear(data)).message()
        return self.received

    def ask_block(self, data: bytes) -> bytes | bytearray:
        """Return what came, which must be whole."""
        answer = self.ask(data)
        end = block_end(answer)
        if end is not None and end > len(answer):
            raise abbreviated(self._script.last)
        return answer

    def close(self, *, broken: bool) -> None:
        """Do nothing."""


class _Client(Paced, ModbusTcpClient):
    """A Modbus client that plays the record."""

    def __init__(self, script: Script, clock: Clock, *, rtu: bool) -> None:
        Paced.__init__(self, RealWire(clock), _TIMEOUT_S)
        framer = FramerType.RTU if rtu else FramerType.SOCKET
        ModbusTcpClient.__init__(self, "replay", framer=framer, timeout=_TIMEOUT_S, retries=0)
        self._script, self._numbered = script, not rtu
        self._is_open = False

    def open(self) -> None:
        """Open, unless the record says that it could not be opened."""
        _open(self._script)
        self._is_open = True

    def connect(self) -> bool:
        """Tell whether it is open."""
        return self._is_open

    def close(self) -> None:
        """Close."""
        self._is_open = False

    def quiet(self) -> bool:
        """Tell that nothing is waiting."""
        return True

    def listen_out(self) -> None:
        """Do nothing: what came late is not in the record."""

    def _write(self, data: bytes) -> None:
        number = data[:_NUMBER] if self._numbered else b""
        exchange = self._script.hear(data, ignoring=len(number))
        received = number + exchange.received[len(number) :] if exchange.received else b""
        self._answer = _Answer(replace(exchange, received=received))

    def _read(self) -> bytes:
        try:
            return self._answer.take()
        except TimeoutError:
            return b""


class _NoSession:
    """Nothing that would need closing."""

    def close(self) -> None:
        """Do nothing."""


def _open(script: Script) -> None:
    reason = script.opening()
    if reason is not None:
        raise ConnectionError(reason)


def _has_crc(frame: bytes) -> bool:
    return FramerRTU.compute_CRC(frame[:-2]) == int.from_bytes(frame[-2:], "big")
