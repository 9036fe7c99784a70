"""Small servers on loopback and pseudo-terminals, and a wire that writes down what it is told."""

import contextlib
import os
import select
import socket
import struct
import threading
import tty

import pytest

from instruments.clock import WallClock
from instruments.links import ModbusLine, RealWires, RtuOverTcp, Transcript


class TcpServer:
    """Accepts connections one after another; ``talk(connection, number)`` serves each."""

    def __init__(self, talk):
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.connections = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(connection)
            args = (connection, len(self.connections))
            thread = threading.Thread(target=self._serve, args=args, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection, number):
        with contextlib.suppress(OSError), connection:
            self._talk(connection, number)

    def wait_for_end(self, number):
        """Wait until the talk on a connection is over and the connection closed."""
        self._threads[number].join(2)
        assert not self._threads[number].is_alive()

    def stop_listening(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def close(self):
        self.stop_listening()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(2)
        for connection in self.connections:
            connection.close()


class Pty:
    """A pseudo-terminal whose far end is served by ``talk(pty)`` in a thread."""

    def __init__(self, talk):
        self._far, self.near = os.openpty()
        tty.setraw(self.near)
        self.path = os.ttyname(self.near)
        self._stop_reader, self._stop = os.pipe()
        self._open = True
        self._thread = threading.Thread(target=self._serve, args=(talk,), daemon=True)
        self._thread.start()

    def read(self, size):
        """Return what the client wrote; raises when the terminal is closed."""
        ready, _, _ = select.select([self._far, self._stop_reader], [], [])
        if self._stop_reader in ready:
            raise OSError("closed")
        return os.read(self._far, size)

    def write(self, data):
        return os.write(self._far, data)

    def _serve(self, talk):
        with contextlib.suppress(OSError):
            talk(self)

    def vanish(self):
        """Close both ends, as a pulled plug does."""
        if self._open:
            self._open = False
            os.close(self._stop)
            self._thread.join(1)
            for fd in (self._far, self.near, self._stop_reader):
                os.close(fd)

    close = vanish


class FakeWire:
    """Writes down its calls, and at each settling whether the box could be had by others."""

    def __init__(self):
        self.calls = []
        self.link = None
        self.free_when_settled = []
        self.on_settle = None

    def ready(self):
        self.calls.append("ready")

    def sent(self, count):
        self.calls.append(("sent", count))

    @contextlib.contextmanager
    def blocking(self):
        self.calls.append("blocking")
        try:
            yield
        finally:
            self.calls.append("over")

    def waited(self, seconds):
        self.calls.append(("waited", seconds))

    def settle(self):
        self.calls.append("settle")
        if self.link is not None:
            self.free_when_settled.append(self._others_can_have(self.link))
        if self.on_settle is not None:
            self.on_settle()

    @staticmethod
    def _others_can_have(link):
        got = threading.Event()

        def take():
            with link.transaction():
                got.set()

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        return got.wait(0.5)


class FakeWires:
    def __init__(self):
        self.one = FakeWire()
        self.asked = []

    def wire(self, address, *, min_gap_s=0.0):
        self.asked.append((address, min_gap_s))
        return self.one

    def together(self):
        return contextlib.nullcontext()


def lines_of(connection):
    """Yield LF-terminated lines as they come on a socket."""
    with connection.makefile("rb") as stream:
        for line in stream:
            yield line.rstrip(b"\r\n").decode("ascii")


@pytest.fixture
def stack():
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack):
    """Start a TCP server: ``serve(talk)``, or ``serve(answers={query: bytes})``."""

    def start(talk=None, *, answers=None):
        def answer(connection, _number):
            for line in lines_of(connection):
                if line in answers:
                    connection.sendall(answers[line])

        server = TcpServer(talk or answer)
        stack.callback(server.close)
        return server

    return start


@pytest.fixture
def line_over(stack, clock, wires, transcript):
    """Open a Modbus line over a transport; patient unless told otherwise."""

    def make(transport, **options):
        options = {"timeout_s": 2.0, "wires": wires} | options
        line = ModbusLine(transport, name="bus", clock=clock, transcript=transcript, **options)
        stack.callback(line.close)
        return line

    return make


@pytest.fixture
def rtu_box(serve, line_over):
    """Return a line and what its box heard; ``answers`` maps requests to answers."""

    def make(answers, **options):
        heard = []

        def talk(connection, _):
            while request := connection.recv(300):
                heard.append(request)
                connection.sendall(answers.get(request, b""))

        return line_over(RtuOverTcp("127.0.0.1", serve(talk).port), **options), heard

    return make


@pytest.fixture
def open_pty(stack):
    """Start a pseudo-terminal served by ``talk(pty)``."""

    def start(talk):
        pty = Pty(talk)
        stack.callback(pty.close)
        return pty

    return start


@pytest.fixture
def fake_wires():
    return FakeWires()


@pytest.fixture
def clock(stack):
    clock = WallClock()
    stack.callback(clock.close)
    return clock


@pytest.fixture
def wires(clock):
    return RealWires(clock)


@pytest.fixture
def transcript():
    return Transcript()


@pytest.fixture
def reset():
    """Close a connection so that the peer sees RST."""

    def close(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return close


@pytest.fixture(name="lines_of")
def lines_of_fixture():
    return lines_of
