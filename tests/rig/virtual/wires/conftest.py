"""A little instrument, a hub to plug it into, and real clients."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import pyvisa

from rig.clock import VirtualClock
from rig.virtual.wires import Hub, Response, VirtualWires


class EchoDevice:
    """Says who it is, echoes, takes its time, breaks on demand; remembers what happened."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.events: list[str] = []
        self.status = 0

    def execute(self, message: bytes) -> Response:
        self.heard.append(message)
        if message == b"BREAK":
            raise RuntimeError("the box broke")
        if message == b"*IDN?":
            return Response(b"ACME,Echo,0,1.0", 0.01)
        if message.startswith(b"ECHO? "):
            return Response(message[6:])
        if message.startswith(b"BIG? "):
            return Response(b"x" * int(message[5:]))
        if message.startswith(b"SLOW? "):
            return Response(b"done", float(message[6:]))
        return Response(b"")

    def status_byte(self) -> int:
        return self.status

    def clear(self) -> None:
        self.events.append("clear")

    def trigger(self) -> None:
        self.events.append("trigger")

    def interrupted(self) -> None:
        self.events.append("interrupted")

    def unterminated(self) -> None:
        self.events.append("unterminated")


@pytest.fixture
def device() -> EchoDevice:
    return EchoDevice()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def hub(clock: VirtualClock) -> Iterator[Hub]:
    with Hub(clock) as hub:
        yield hub


@pytest.fixture
def wires(hub: Hub, clock: VirtualClock) -> VirtualWires:
    return VirtualWires(hub, clock)


@pytest.fixture
def visa() -> Iterator[pyvisa.ResourceManager]:
    manager = pyvisa.ResourceManager("@py")
    yield manager
    manager.close()


@pytest.fixture
def connect() -> Iterator[Callable[[int], socket.socket]]:
    """Connect a plain client that gives up after a second."""
    clients: list[socket.socket] = []

    def to(port: int) -> socket.socket:
        clients.append(socket.create_connection(("127.0.0.1", port), 1.0))
        return clients[-1]

    yield to
    for client in clients:
        client.close()


@pytest.fixture
def serving(hub: Hub) -> Callable[[], AbstractContextManager[None]]:
    """Serve in wall time, as a server process does, beside the test."""

    @contextmanager
    def run() -> Iterator[None]:
        stopped: list[bool] = []
        errors: list[BaseException] = []

        def loop() -> None:
            try:
                hub.serve_until(lambda: bool(stopped))
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=loop)
        thread.start()
        try:
            yield
        finally:
            stopped.append(True)
            hub.wake()
            thread.join(5.0)
            assert not thread.is_alive()
        if errors:
            raise errors[0]

    return run
