"""pymodbus' blocking clients, taught to tell the wire what was sent and never to nap."""

from __future__ import annotations

import logging
import socket
from abc import ABC, abstractmethod
from time import monotonic
from typing import Protocol, TypeVar

import serial
from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.client.base import ModbusBaseSyncClient
from pymodbus.pdu import ModbusPDU

from instruments.links.modbus_answers import HoldingRegisters, InputRegisters
from instruments.links.modbus_transport import ModbusTcp, RtuSerial, Transport
from instruments.links.readable import readable_probe
from instruments.links.serial_port import input_probe, read_available
from instruments.links.wire import Wire

__all__ = ["Client", "Paced", "SilenceError", "make_client", "prepared"]

_Sync = TypeVar("_Sync", bound=ModbusBaseSyncClient)

# The errors are raised; without a handler of its own the library would also print them.
logging.getLogger("pymodbus").addHandler(logging.NullHandler())

_SPARE_S = 1.0
"""How much later than ours pymodbus' own time-out falls due, so that ours decides."""

_MOST = 4096


class SilenceError(Exception):
    """Say that no sound answer came in time; no ``TimeoutError``, which pymodbus would swallow."""


class Client(Protocol):
    """One connection, opened and closed by its line only."""

    request: bytes
    """The frame sent last; empty when the present request could not be put into a frame."""
    received: bytes
    """What came in answer to it."""

    def open(self) -> None:
        """Connect; raises ``OSError``."""

    def close(self) -> None:
        """Disconnect."""

    def quiet(self) -> bool:
        """Tell that no byte and no end of the connection is waiting."""

    def listen_out(self) -> None:
        """Read away late answers until nothing has come for a whole time-out."""

    def execute(self, no_response_expected: bool, request: ModbusPDU) -> ModbusPDU:
        """Send a request and return the answer."""


def make_client(transport: Transport, wire: Wire, timeout_s: float, *, real: bool) -> Client:
    """Return the client for a transport; nothing is opened. Only ``real`` lines need silences."""
    if isinstance(transport, RtuSerial):
        silence_s = transport.silence_s if real else 0.0
        return prepared(_SerialClient(transport, wire, timeout_s, silence_s))
    framer = FramerType.SOCKET if isinstance(transport, ModbusTcp) else FramerType.RTU
    return prepared(_TcpClient(transport.host, transport.port, framer, wire, timeout_s))


def prepared(client: _Sync) -> _Sync:
    """Return a client that decodes registers our way."""
    client.register(HoldingRegisters)
    client.register(InputRegisters)
    return client


class Paced(ABC):
    """Sending and receiving within one time-out, with both sides of the exchange kept."""

    def __init__(self, wire: Wire, timeout_s: float) -> None:
        self._wire, self._timeout_s = wire, timeout_s
        self._deadline = 0.0
        self.request = self.received = b""

    def send(self, request: bytes, addr: tuple[object, ...] | None = None) -> int:
        """Send a frame, called by pymodbus; the wire sees it consumed."""
        self.request = request
        self._write(request)
        self._deadline = monotonic() + self._timeout_s
        self._wire.sent(len(request))
        return len(request)

    def recv(self, size: int | None) -> bytes:
        """Return what has come, called by pymodbus until the frame is whole."""
        if self.received and monotonic() > self._deadline:
            raise SilenceError
        data = self._read()
        if not data:
            raise SilenceError
        self.received += data
        return data

    def listen_out(self) -> None:
        """Read away late answers until nothing has come for a whole time-out."""
        last = monotonic() + 4 * self._timeout_s
        while self._read() and monotonic() < last:
            pass

    @abstractmethod
    def _write(self, data: bytes) -> None:
        """Write all bytes."""

    @abstractmethod
    def _read(self) -> bytes:
        """Return what has come, b"" when nothing does in time."""


class _TcpClient(Paced, ModbusTcpClient):
    def __init__(
        self, host: str, port: int, framer: FramerType, wire: Wire, timeout_s: float
    ) -> None:
        Paced.__init__(self, wire, timeout_s)
        ModbusTcpClient.__init__(
            self, host, port=port, framer=framer, timeout=timeout_s + _SPARE_S, retries=0
        )
        self._place = (host, port)
        self._connection: socket.socket

    def open(self) -> None:
        try:
            self._connection = socket.create_connection(self._place, timeout=self._timeout_s)
        except UnicodeError as error:
            raise ConnectionError(f"{self._place[0]!r} is no host: {error}") from error
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waiting = readable_probe(self._connection.fileno())
        self.socket = self._connection

    def connect(self) -> bool:
        """Tell whether it is open; the library shall not connect by itself."""
        return self.socket is not None

    def quiet(self) -> bool:
        return not self._waiting()

    def _write(self, data: bytes) -> None:
        self._connection.sendall(data)

    def _read(self) -> bytes:
        try:
            data = self._connection.recv(_MOST)
        except TimeoutError:
            return b""
        if not data:
            raise ConnectionResetError("the box closed the connection")
        return data


class _SerialClient(Paced, ModbusSerialClient):
    def __init__(self, line: RtuSerial, wire: Wire, timeout_s: float, silence_s: float) -> None:
        Paced.__init__(self, wire, timeout_s)
        ModbusSerialClient.__init__(
            self, line.port, baudrate=line.baud_rate, timeout=timeout_s + _SPARE_S, retries=0
        )
        self._line, self._silence_s = line, silence_s
        self._heard_s = 0.0
        """When the last byte came, on the system's clock."""
        self._port: serial.Serial

    def open(self) -> None:
        line = self._line
        try:
            self._port = self.socket = serial.Serial(
                line.port,
                baudrate=line.baud_rate,
                parity=line.parity,
                stopbits=line.stop_bits,
                timeout=self._timeout_s,
                write_timeout=self._timeout_s,
                exclusive=True,
            )
        except Exception as error:  # also termios.error, which cannot be imported on Windows
            raise ConnectionError(str(error)) from error
        self._waiting = input_probe(self._port)
        if line.lead:
            self._write(line.lead)
            self._wire.sent(len(line.lead))

    def connect(self) -> bool:
        """Tell whether it is open; the library shall not open it by itself."""
        return self.socket is not None

    def quiet(self) -> bool:
        """Tell that the line is silent, and has been for as long as two frames need."""
        left_s = self._heard_s + self._silence_s - monotonic()
        if left_s <= 0:
            return not self._waiting()
        try:
            return not read_available(self._port, left_s)
        except OSError:
            return False

    def _write(self, data: bytes) -> None:
        self._port.write(data)

    def _read(self) -> bytes:
        data = read_available(self._port, self._timeout_s)
        self._heard_s = monotonic()
        return data
