"""The guardian's own connections: TCP, and serial lines in raw mode (POSIX)."""

from __future__ import annotations

import os
import select
import socket
import time
from abc import ABC, abstractmethod

__all__ = ["SerialWire", "TcpWire", "Wire", "open_wire"]

_OPEN_S = 0.5
_LEFT_OVER_S = 0.02
"""Longer than any pause inside a frame: what a dead holder left half said is over."""
_MOST = 4096


class Wire(ABC):
    """One open connection; every wait is bounded."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Write all bytes; raises ``OSError``."""

    @abstractmethod
    def receive(self, deadline: float) -> bytes:
        """Return what comes until the monotonic time ``deadline``, b"" when nothing does."""

    @abstractmethod
    def drain(self) -> None:
        """Throw away what has come unasked."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""


class TcpWire(Wire):
    """A socket."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), _OPEN_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        """Write all bytes."""
        self._socket.settimeout(_OPEN_S)
        self._socket.sendall(data)

    def receive(self, deadline: float) -> bytes:
        """Return what comes until ``deadline``; raises ``OSError`` when the box hangs up."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self._socket], (), (), left)[0]:
            return b""
        data = self._socket.recv(_MOST)
        if not data:
            raise ConnectionResetError("the box closed the connection")
        return data

    def drain(self) -> None:
        """Throw away what has come unasked, in one read: a box that never ends is not waited for.

        A box that has hung up is found out when it is asked.
        """
        if select.select([self._socket], (), (), 0.0)[0]:
            self._socket.recv(_MOST)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class SerialWire(Wire):
    """A serial line, raw, 8 bits, no parity, one stop bit, no handshake."""

    def __init__(self, path: str, baud: int) -> None:
        # Non-blocking: a line without carrier, or with a stopped reader, must not hold us up.
        self._file = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            _set_raw(self._file, baud)
        except BaseException:
            os.close(self._file)
            raise
        time.sleep(_LEFT_OVER_S)  # the silence itself ends the dead holder's frame
        self.drain()

    def send(self, data: bytes) -> None:
        """Write all bytes, waiting for room for a bounded time."""
        deadline = time.monotonic() + _OPEN_S
        while data:
            if not select.select((), [self._file], (), max(deadline - time.monotonic(), 0.0))[1]:
                raise TimeoutError("the line takes no bytes")
            data = data[os.write(self._file, data) :]

    def receive(self, deadline: float) -> bytes:
        """Return what comes until ``deadline``; raises ``OSError`` when the adapter is gone."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self._file], (), (), left)[0]:
            return b""
        data = os.read(self._file, _MOST)
        if not data:
            raise ConnectionResetError("the serial line is gone")
        return data

    def drain(self) -> None:
        """Throw away what has come unasked."""
        import termios

        termios.tcflush(self._file, termios.TCIFLUSH)

    def close(self) -> None:
        """Close the line at once, whatever has not left yet."""
        os.close(self._file)


def open_wire(link: dict[str, object]) -> Wire:
    """Open the connection a link of the plan describes; raises ``OSError``."""
    if link["kind"] == "tcp":
        return TcpWire(str(link["host"]), int(str(link["port"])))
    return SerialWire(str(link["path"]), int(str(link["baud"])))


def _set_raw(file: int, baud: int) -> None:
    import termios

    try:
        before = termios.tcgetattr(file)
        cflag, control = int(before[2]), list(before[6])
        speed = getattr(termios, f"B{baud}", termios.B9600)
        control[termios.VMIN] = control[termios.VTIME] = 0
        cflag = (cflag & ~(termios.CSIZE | termios.PARENB | termios.CSTOPB)) | (
            termios.CS8 | termios.CREAD | termios.CLOCAL
        )
        cflag &= ~getattr(termios, "CRTSCTS", 0)
        mode = [0, 0, cflag, 0, speed, speed, control]
        termios.tcsetattr(file, termios.TCSANOW, mode)
        termios.tcflush(file, termios.TCIOFLUSH)
    except termios.error as error:
        raise OSError(f"no serial line: {error}") from error
