"""Opening and closing pyvisa-py sessions without leaving sockets behind."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from threading import Lock
from typing import Any

import pyvisa
from pyvisa.resources import MessageBasedResource, SerialInstrument

from instruments.links.visa_address import VisaAddress
from instruments.links.visa_bounded import install, time_limit

__all__ = ["VisaSession", "open_session"]

_manager_lock = Lock()


class VisaSession:
    """One open resource and the pyvisa-py session under it."""

    def __init__(self, resource: MessageBasedResource) -> None:
        self.resource = resource
        self._sessions: dict[int, Any] = getattr(resource.visalib, "sessions")  # noqa: B009
        self.low: Any = self._sessions[resource.session]
        """The pyvisa-py session: untyped; ``interface`` is its socket, port or protocol client."""

    def close(self) -> None:
        """Close the resource and make pyvisa-py forget the session, which it does not by itself."""
        handle, interface = self.resource.session, self.low.interface
        # A farewell may fail in as many ways as an exchange; what matters is that our end closes.
        with contextlib.suppress(Exception):
            self.resource.close()
        for connection in _sockets_in(interface):
            connection.close()
        self._sessions.pop(handle, None)


def open_session(address: VisaAddress, *, timeout_s: float, baud_rate: int | None) -> VisaSession:
    """Open a resource; raises ``ConnectionError`` in words when that fails."""
    try:
        with time_limit(timeout_s):
            resource = _manager().open_resource(
                address.resource, open_timeout=int(timeout_s * 1000)
            )
    except (
        Exception
    ) as error:  # pyvisa-py raises VisaIOError, OSError, RuntimeError, bare Exception
        _close_sockets_of(error)
        raise ConnectionError(f"{type(error).__name__}: {error}") from error
    if not isinstance(resource, MessageBasedResource):
        resource.close()
        raise ConnectionError(f"{address.resource} is no message-based resource")
    session = VisaSession(resource)
    try:
        resource.timeout = timeout_s * 1000
        if baud_rate is not None and isinstance(resource, SerialInstrument):
            resource.baud_rate = baud_rate
        _prepare_socket(address, session.low, timeout_s)
    except Exception as error:  # also termios.error, which cannot be imported on Windows
        session.close()
        raise ConnectionError(str(error)) from error
    return session


def _prepare_socket(address: VisaAddress, low: Any, timeout_s: float) -> None:  # noqa: ANN401
    """Send small messages at once, and notice a connection that was refused or has ended."""
    if address.kind != "socket":
        return
    connection: socket.socket = low.interface
    # pyvisa-py takes a refused connection for an open one; the refusal is still pending here.
    if code := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        raise ConnectionError(code, "connection refused or lost while opening")
    connection.settimeout(timeout_s)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _manager() -> pyvisa.ResourceManager:
    """Return the one manager of the pyvisa-py backend; pyvisa keeps it."""
    with _manager_lock:
        install()
        return pyvisa.ResourceManager("@py")


def _close_sockets_of(error: BaseException | None) -> None:
    """Close the sockets that pyvisa-py leaves in the frames of a failed open."""
    while error is not None:
        traceback = error.__traceback__
        while traceback is not None:
            owner = traceback.tb_frame.f_locals.get("self")
            for part in (owner, getattr(owner, "interface", None)):
                for connection in _sockets_in(part):
                    connection.close()
            traceback = traceback.tb_next
        error = error.__cause__ or error.__context__


def _sockets_in(owner: object) -> Iterator[socket.socket]:
    values = list(getattr(owner, "__dict__", {}).values())
    yield from (value for value in values if isinstance(value, socket.socket))
