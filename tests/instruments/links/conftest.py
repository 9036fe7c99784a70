"""Links to small boxes on loopback sockets and pseudo-terminals, in wall time."""

import contextlib
import socket
import struct

import pytest
from fake_wires import FakeWires
from loopback_boxes import Pty, TcpServer, lines_of

from instruments.clock import WallClock
from instruments.links import ModbusLine, RealWires, RtuOverTcp, Transcript, VisaLink

PATIENT_S = 2.0
"""What a link waits for an answer that is sure to come, on however busy a machine."""


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
def visa_over(stack, clock, wires, transcript):
    """Make a VISA link to a resource; patient unless told otherwise."""

    def make(resource, **options):
        defaults = {"name": "box", "timeout_s": PATIENT_S, "wires": wires}
        link = VisaLink(resource, clock=clock, transcript=transcript, **defaults | options)
        stack.callback(link.close)
        return link

    return make


@pytest.fixture
def link_to(visa_over):
    """Make a VISA link to a server's socket."""

    def make(server, **options):
        return visa_over(f"TCPIP::127.0.0.1::{server.port}::SOCKET", **options)

    return make


@pytest.fixture
def line_over(stack, clock, wires, transcript):
    """Open a Modbus line over a transport; patient unless told otherwise."""

    def make(transport, **options):
        options = {"timeout_s": PATIENT_S, "wires": wires} | options
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
