"""How one exchange with a VISA resource is carried out, by kind of resource.

Streams (SOCKET, ASRL) are opened and set up by pyvisa-py and then spoken to at the socket or port
of its session: pyvisa-py reads serial ports byte by byte and sockets in 4 kB pieces, spins until
the time-out when the peer has closed, loses what came before a time-out, keeps bytes for the next
reader, and waits without end for a box that reads nothing. Message protocols (HiSLIP, VXI-11) know
where a message ends and stay wholly inside it.
"""

from __future__ import annotations

import contextlib
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from time import monotonic
from typing import Protocol

import serial
from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

from instruments.links.blocks import block_end
from instruments.links.garbled import GarbledError
from instruments.links.readable import readable_probe
from instruments.links.serial_port import input_probe, read_available
from instruments.links.visa_session import VisaSession
from instruments.links.wire import Wire

__all__ = ["Channel", "MessageChannel", "SerialChannel", "SocketChannel", "StreamChannel"]

_LONGEST_LINE = 16 << 20
_BIG_READ = 1 << 20


class Channel(Protocol):
    """One open connection; errors are ``TimeoutError``, other ``OSError``s and ``GarbledError``."""

    received: bytes | bytearray
    """What has come of the present answer, also when it never became complete."""

    def quiet(self) -> bool:
        """Tell that nothing is waiting: no byte nobody asked for, no end of the connection."""

    def tell(self, data: bytes) -> None:
        """Send a message that is not answered."""

    def ask(self, data: bytes) -> bytes | bytearray:
        """Send a message and return its answer up to and including the terminator."""

    def ask_block(self, data: bytes) -> bytes | bytearray:
        """Send a message and return its answer, a definite-length block and the terminator."""

    def close(self, *, broken: bool) -> None:
        """Close; a broken connection without any farewell."""


class Closable(Protocol):
    """What a stream needs of its session."""

    def close(self) -> None:
        """Close it."""


class StreamChannel(ABC):
    """Bytes without message borders: an answer ends at its terminator, a block by its length."""

    _chunk: int
    quiet: Callable[[], bool]

    def __init__(
        self, session: Closable, wire: Wire, *, terminator: bytes, timeout_s: float
    ) -> None:
        self._session, self._wire = session, wire
        self._terminator, self._timeout_s = terminator, timeout_s
        self.received: bytes | bytearray = b""

    def tell(self, data: bytes) -> None:
        """Send a message that is not answered."""
        self.received = b""
        if len(data) <= self._chunk:
            self._send(data)
            return
        # In pieces, each consumed before the next: a simulated box reads only inside `sent`.
        for start in range(0, len(data), self._chunk):
            self._send(data[start : start + self._chunk])

    def ask(self, data: bytes) -> bytes | bytearray:
        """Send a message and return its answer with the terminator."""
        self.tell(data)
        self.received = answer = self._take()
        ends = answer.find(self._terminator)
        if ends >= 0 and ends + len(self._terminator) == len(answer):
            return answer
        return self._rest_of_line(answer)

    def ask_until(self, data: bytes, enough: Callable[[bytearray], bool]) -> bytearray:
        """Send a message and return what comes until it is enough."""
        self.tell(data)
        return self._take_until(self._take(), enough)

    def ask_block(self, data: bytes) -> bytes | bytearray:
        """Send a message and return the block that answers it, with the terminator."""
        self.tell(data)
        self.received = answer = bytearray(self._take())
        with self._wire.blocking():  # see _take_until
            while (end := block_end(answer)) is None:
                answer += self._take()
            whole = end + len(self._terminator)
            while len(answer) < whole:
                answer += self._take()
        if len(answer) > whole or not answer.endswith(self._terminator):
            raise GarbledError(f"a block followed by {bytes(answer[end : end + 40])!r}")
        return answer

    def close(self, *, broken: bool) -> None:
        """Close; a broken connection without any farewell."""
        self._session.close()

    def _rest_of_line(self, start: bytes) -> bytearray:
        answer = self._take_until(start, lambda so_far: self._terminator in so_far)
        if answer.find(self._terminator) + len(self._terminator) < len(answer):
            raise GarbledError("more than one answer")
        return answer

    def _take_until(self, start: bytes, enough: Callable[[bytearray], bool]) -> bytearray:
        self.received = answer = bytearray(start)
        deadline = monotonic() + self._timeout_s
        # A long answer does not fit the buffers on the way: the box must go on sending meanwhile.
        with self._wire.blocking():
            while not enough(answer):
                if monotonic() > deadline or len(answer) > _LONGEST_LINE:
                    raise TimeoutError("more and more bytes, and no end of them")
                answer += self._take()
        return answer

    @abstractmethod
    def _send(self, data: bytes) -> None:
        """Write and have it consumed."""

    @abstractmethod
    def _take(self) -> bytes:
        """Return what has come, at least one byte."""


class SocketChannel(StreamChannel):
    """A VISA SOCKET."""

    _chunk = 16384

    def __init__(
        self, session: VisaSession, wire: Wire, *, terminator: bytes, timeout_s: float
    ) -> None:
        super().__init__(session, wire, terminator=terminator, timeout_s=timeout_s)
        connection: socket.socket = session.low.interface
        self._write, self._receive = connection.sendall, connection.recv
        waiting = readable_probe(connection.fileno())
        self.quiet = lambda: not waiting()

    def _send(self, data: bytes) -> None:
        self._write(data)
        self._wire.sent(len(data))

    def _take(self) -> bytes:
        data: bytes = self._receive(_BIG_READ if len(self.received) > _LONG else _USUAL_READ)
        if not data:
            raise ConnectionResetError("the box closed the connection")
        return data


_LONG = 4096
_USUAL_READ = 1 << 16


class SerialChannel(StreamChannel):
    """A VISA ASRL port or pseudo-terminal."""

    _chunk = 1024  # what fits the buffer of a pseudo-terminal at once

    def __init__(
        self, session: VisaSession, wire: Wire, *, terminator: bytes, timeout_s: float
    ) -> None:
        super().__init__(session, wire, terminator=terminator, timeout_s=timeout_s)
        self._port: serial.Serial = session.low.interface
        waiting = input_probe(self._port)
        self.quiet = lambda: not waiting()

    def _send(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except serial.SerialTimeoutException as error:
            raise TimeoutError("the box reads nothing") from error
        self._wire.sent(len(data))

    def _take(self) -> bytes:
        data = read_available(self._port, self._timeout_s)
        if not data:
            raise TimeoutError
        return data


class MessageChannel:
    """HiSLIP, VXI-11 and other protocols that carry whole messages."""

    def __init__(self, session: VisaSession, wire: Wire, *, timeout_s: float) -> None:
        self._session, self._wire, self._timeout_s = session, wire, timeout_s
        self._connection = _connection_of(session.low.interface)
        self._waiting = (
            readable_probe(self._connection.fileno()) if self._connection else lambda: False
        )
        self.received: bytes | bytearray = b""

    def quiet(self) -> bool:
        """Tell that nothing is waiting."""
        return not self._waiting()

    def tell(self, data: bytes) -> None:
        """Send a message that is not answered."""
        self._run(data, None)

    def ask(self, data: bytes) -> bytes | bytearray:
        """Send a message and return its answer with the terminator."""
        return self._run(data, self._session.resource.chunk_size)

    def ask_block(self, data: bytes) -> bytes | bytearray:
        """Send a message and return the block that answers it, with the terminator."""
        return self._run(data, _BIG_READ)

    def close(self, *, broken: bool) -> None:
        """Close; a broken connection without any farewell."""
        if broken and self._connection is not None:
            # The farewell of VXI-11 would otherwise wait for a box that no longer answers.
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
        with self._wire.blocking():
            self._session.close()

    def _run(self, data: bytes, size: int | None) -> bytes:
        self.received = b""
        resource = self._session.resource
        with self._wire.blocking():
            started = monotonic()
            try:
                resource.write_raw(data)
                if size is not None:
                    self.received = resource.read_raw(size)
            except Exception as error:  # RPCError, RuntimeError, AssertionError, struct.error ...
                raise self._in_words(error, monotonic() - started) from error
        return self.received

    def _in_words(self, error: Exception, took_s: float) -> OSError:
        """Return the error as time-out or loss: pyvisa-py reports a silent VXI-11 box as I/O."""
        code = error.error_code if isinstance(error, VisaIOError) else None
        silent = code == StatusCode.error_io and took_s >= self._timeout_s
        if silent or code == StatusCode.error_timeout or isinstance(error, TimeoutError):
            return TimeoutError()
        return ConnectionError(f"{type(error).__name__}: {error}")


def _connection_of(interface: object) -> socket.socket | None:
    """Return the socket that answers come on: VXI-11's only one, HiSLIP's synchronous one."""
    found = getattr(interface, "sock", None) or getattr(interface, "_sync", None)
    return found if isinstance(found, socket.socket) else None
