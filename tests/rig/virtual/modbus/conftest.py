"""Ports for clients from outside."""

from __future__ import annotations

import os
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from rig.virtual.wires.contract import Service, Session


class _DescriptorLine:
    """The box's end of a file descriptor, for clients of other makers."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def send(self, data: bytes) -> None:
        self._write(data)

    def charge(self, turnaround_s: float) -> None:
        """Cost nothing: a client of another maker lives in wall time."""

    def close(self) -> None:
        """Stay open until the test ends."""


def _pump(descriptor: int, session: Session, stop: int) -> None:
    while True:
        ready, _, _ = select.select([descriptor, stop], [], [], 10.0)
        if descriptor not in ready:
            return
        with suppress(OSError):  # a pty whose last client left reads as an error
            data = os.read(descriptor, 4096)
            if data:
                session.received(data)
                continue
        select.select([stop], [], [], 0.005)
        if select.select([stop], [], [], 0)[0]:
            return


@pytest.fixture
def serve() -> Iterator[Callable[[int, Service, Callable[[], None]], None]]:
    """Serve a file descriptor from a thread until the test ends, then close it."""
    stop_read, stop_write = os.pipe()
    threads: list[threading.Thread] = []
    closers: list[Callable[[], None]] = []

    def start(descriptor: int, service: Service, close: Callable[[], None]) -> None:
        session = service(_DescriptorLine(lambda data: os.write(descriptor, data)))
        thread = threading.Thread(target=_pump, args=(descriptor, session, stop_read), daemon=True)
        thread.start()
        threads.append(thread)
        closers.append(close)

    yield start
    os.write(stop_write, b"x")
    for thread in threads:
        thread.join(2.0)
    for close in closers:
        close()
    os.close(stop_read)
    os.close(stop_write)


@pytest.fixture
def serial_port(serve) -> Callable[[Service], str]:
    """Put a service on a pseudo-terminal; its path is what a client opens."""
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals need Linux or macOS")
    import pty
    import tty

    def open_port(service: Service) -> str:
        master, slave = pty.openpty()
        tty.setraw(slave)

        def close() -> None:
            os.close(slave)
            os.close(master)

        serve(master, service, close)
        return os.ttyname(slave)

    return open_port


@pytest.fixture
def tcp_port(serve) -> Iterator[Callable[[Service], int]]:
    """Put a service on a loopback port for one client."""
    listeners: list[socket.socket] = []
    waiting: list[threading.Thread] = []

    def open_port(service: Service) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(2.0)
        listeners.append(listener)

        def accept() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                serve(connection.fileno(), service, connection.close)

        waiting.append(threading.Thread(target=accept, daemon=True))
        waiting[-1].start()
        return int(listener.getsockname()[1])

    yield open_port
    for thread in waiting:
        thread.join(3.0)
    for listener in listeners:
        listener.close()
