"""pyvisa-py's HiSLIP and VXI-11 clients, held to a time-out and told when a stream has ended.

As they come they wait 5 s for a box that accepts and says nothing (VXI-11 also 1 s longer than
asked in every call), and spin at the end of a stream: VXI-11 until its time-out, HiSLIP for ever.
Whoever opens a resource outside `time_limit` gets them as they come.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pyvisa_py import tcpip
from pyvisa_py.protocols import hislip

__all__ = ["install", "time_limit"]

_limit_s: ContextVar[float | None] = ContextVar("limit_s", default=None)


@contextmanager
def time_limit(limit_s: float) -> Iterator[None]:
    """Hold clients made inside to ``limit_s`` per wait, then and later."""
    token = _limit_s.set(limit_s)
    try:
        yield
    finally:
        _limit_s.reset(token)


def install() -> None:
    """Let pyvisa-py make these clients; harmless when done already."""
    of_hislip: Any = hislip  # any: what a module defines cannot be exchanged otherwise
    of_vxi11: Any = tcpip
    of_hislip.Instrument = _Hislip
    of_vxi11.Vxi11CoreClient = _Vxi11


class _HonestSocket(socket.socket):
    """A socket that raises at the end of the stream and waits no longer than it may."""

    limit_s: float

    def settimeout(self, value: float | None, /) -> None:
        super().settimeout(self.limit_s if value is None else min(value, self.limit_s))

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        data = super().recv(size, flags)
        if not data and size:
            raise ConnectionResetError("the box closed the connection")
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0, /) -> int:  # noqa: ANN401 - as in the base class
        count = super().recv_into(buffer, nbytes, flags)
        if not count and len(buffer):
            raise ConnectionResetError("the box closed the connection")
        return count


def _honest(connection: socket.socket, limit_s: float) -> socket.socket:
    """Return an honest socket in place of ``connection``, which is used up."""
    honest = _HonestSocket(fileno=connection.detach())
    honest.limit_s = limit_s
    honest.settimeout(limit_s)
    honest.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return honest


class _Hislip(hislip.Instrument):
    """A HiSLIP client whose opening, too, keeps the time-out."""

    _sync: socket.socket
    _async: socket.socket

    def initialize(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as in the base class
        """Begin on the synchronous connection."""
        if (limit_s := _limit_s.get()) is not None:
            self._sync = _honest(self._sync, limit_s)
        return super().initialize(*args, **kwargs)

    def async_initialize(self, session_id: int) -> Any:  # noqa: ANN401 - as in the base class
        """Begin on the asynchronous connection."""
        if (limit_s := _limit_s.get()) is not None:
            self._async = _honest(self._async, limit_s)
        return super().async_initialize(session_id)


class _Vxi11(tcpip.Vxi11CoreClient):
    """A VXI-11 client no call of which takes longer than the time-out."""

    sock: socket.socket
    timeout: float

    def connect(self, timeout: float = 5.0) -> None:
        """Connect within ``timeout`` seconds."""
        super().connect(timeout)
        self._limit_s = _limit_s.get()
        if self._limit_s is not None:
            self.sock = _honest(self.sock, self._limit_s)

    def do_call(self) -> None:
        """Send a call and wait for its reply."""
        if self._limit_s is not None:
            self.timeout = min(self.timeout, self._limit_s)
        super().do_call()
