"""Reading a serial port by what is there, not byte by byte and not by naps."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from typing import Protocol

from instruments.links.readable import readable_probe

__all__ = ["Port", "input_probe", "read_available"]

_MOST = 4096


class Port(Protocol):
    """The part of ``serial.Serial`` that reading needs."""

    timeout: float | None

    @property
    def in_waiting(self) -> int:
        """Return how many bytes have come."""

    def fileno(self) -> int:
        """Return the file descriptor (not on Windows)."""

    def read(self, size: int = 1) -> bytes:
        """Return ``size`` bytes, or fewer when the time-out is over."""


def input_probe(port: Port) -> Callable[[], bool]:
    """Return a call that tells whether bytes, or the end of the line, are waiting."""
    if sys.platform == "win32":
        return lambda: port.in_waiting > 0
    return readable_probe(port.fileno())


def read_available(port: Port, timeout_s: float) -> bytes:
    """Return what is there, after waiting for the first byte at most ``timeout_s``; else nothing.

    Raises ``OSError`` when the port is gone.
    """
    if sys.platform == "win32":
        return _read_portably(port, timeout_s)
    fd = port.fileno()
    if not select.select([fd], (), (), timeout_s)[0]:
        return b""
    data = os.read(fd, _MOST)
    if not data:
        raise ConnectionResetError("the serial port is gone")
    return data


def _read_portably(port: Port, timeout_s: float) -> bytes:
    port.timeout = timeout_s
    first = port.read(1)
    return first + port.read(port.in_waiting) if first else first
