"""Listening and connected TCP sockets of simulated boxes, on the loopback interface only."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

__all__ = ["HOST", "TcpConnection", "listen"]

HOST = "127.0.0.1"
_READ_SIZE = 65536
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def listen(port: int) -> socket.socket:
    """Return a non-blocking socket that listens on 127.0.0.1 (port 0: any free one)."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


class TcpConnection:
    """The box's end of one TCP connection."""

    lossy = False

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self) -> int:
        """Return the descriptor to select on."""
        return self._socket.fileno()

    def read(self) -> bytes:
        """Return what came, b"" at the end; raises BlockingIOError when there is nothing."""
        return self._socket.recv(_READ_SIZE)

    def write(self, data: bytes | memoryview) -> int:
        """Pass bytes to the kernel, return how many fitted; raises BlockingIOError when none."""
        return self._socket.send(data)

    def end_output(self) -> None:
        """Send the end of the stream; the client may go on talking."""
        with suppress(OSError):  # the client may be gone
            self._socket.shutdown(socket.SHUT_WR)

    def close(self, *, reset: bool) -> None:
        """End the connection; a reset reaches a waiting client as an error, not as silence."""
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._socket.close()
