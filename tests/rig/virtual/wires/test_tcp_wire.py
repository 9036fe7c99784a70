"""Raw sockets in virtual time."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from rig.virtual.wires import stream_service


@pytest.fixture
def port(hub, device):
    return hub.listen_tcp(stream_service(device))


@pytest.fixture
def wire(wires, port):
    return wires.wire(f"127.0.0.1:{port}")


@pytest.fixture
def scope(visa, port):
    return visa.open_resource(
        f"TCPIP::127.0.0.1::{port}::SOCKET", read_termination="\n", write_termination="\n"
    )


def test_the_reply_is_there_when_sent_returns(connect, port, wire):
    client = connect(port)
    client.sendall(b"*IDN?\n")
    wire.sent(6)
    assert client.recv(100, socket.MSG_DONTWAIT) == b"ACME,Echo,0,1.0\n"


def test_pyvisa_talks_to_a_socket(scope, wire):
    wire.sent(scope.write("*IDN?"))
    assert scope.read() == "ACME,Echo,0,1.0"


def test_the_exchange_costs_its_turnaround_once_and_only_when_settled(scope, wire, clock):
    wire.sent(scope.write("*IDN?"))
    scope.read()
    assert clock.now() == 0.0
    wire.settle()
    wire.settle()
    assert clock.now() == 0.01


def test_a_message_may_come_byte_by_byte_and_end_with_cr_lf(connect, port, wire):
    client = connect(port)
    for byte in b"ECHO? a\r\n":
        client.sendall(bytes([byte]))
        wire.sent(1)
    assert client.recv(100) == b"a\n"


def test_replies_to_messages_sent_together_queue_up_in_order(connect, port, wire):
    client = connect(port)
    client.sendall(b"ECHO? 1\nECHO? 2\n\n*CLS\nECHO? 3\n")
    wire.sent(30)
    assert client.recv(100) == b"1\n2\n3\n"


def test_a_reply_larger_than_every_buffer_arrives_while_the_client_reads(scope, wire, device):
    scope.chunk_size = 1 << 20
    wire.sent(scope.write("BIG? 16000000"))
    assert len(scope.read()) == 16_000_000
    wire.sent(scope.write("*IDN?"))
    assert scope.read() == "ACME,Echo,0,1.0"


def test_another_box_is_served_while_a_large_reply_is_half_read(hub, wires, connect, port, wire):
    from rig.virtual.wires import Response

    class Counter:
        def execute(self, message):
            return Response(b"other")

    other = hub.listen_tcp(stream_service(Counter()))
    first, second = connect(port), connect(other)
    first.sendall(b"BIG? 8000000\n")
    wire.sent(13)
    second.sendall(b"?\n")
    wires.wire(f"127.0.0.1:{other}").sent(2)
    assert second.recv(100) == b"other\n"
    wire.sent(0)
    got = 0
    while got < 8_000_001:
        got += len(first.recv(1 << 20))
    assert got == 8_000_001


def test_two_connections_of_one_box_are_told_apart(connect, port, wire):
    one, two = connect(port), connect(port)
    one.sendall(b"ECHO? half")
    wire.sent(10)
    two.sendall(b"ECHO? whole\n")
    wire.sent(12)
    one.sendall(b" rest\n")
    wire.sent(6)
    assert (one.recv(100), two.recv(100)) == (b"half rest\n", b"whole\n")


def test_sent_nothing_passes_on_what_the_box_says_of_its_own_accord(hub, wires, connect, clock):
    lines = []

    class Talker:
        def __init__(self, line):
            lines.append(line)

        def received(self, data):
            pass

        def closed(self):
            pass

    port = hub.listen_tcp(Talker)
    client = connect(port)
    wires.wire(f"127.0.0.1:{port}").sent(0)
    clock.call_at(1.0, lambda: lines[0].send(b"tick\n"))
    clock.sleep_until(2.0)
    assert client.recv(100) == b"tick\n"


def test_a_box_listens_on_the_loopback_address_only(port):
    with pytest.raises(OSError, match=r"refused|unreachable|assign|timed out"):
        socket.create_connection(("127.0.0.2", port), 0.5)


def open_descriptors():
    found = set()
    for entry in Path("/dev/fd").iterdir():
        with suppress(OSError):  # the descriptor of the listing itself is closed again
            os.fstat(int(entry.name))
            found.add(int(entry.name))
    return found


def test_no_descriptor_of_the_wires_is_inherited_by_children(hub, device, connect, wires):
    before = open_descriptors()
    port = hub.listen_tcp(stream_service(device))
    hub.open_serial(stream_service(device))
    connect(port)
    wires.wire(f"127.0.0.1:{port}").sent(0)
    opened = open_descriptors() - before
    assert len(opened) >= 5
    assert not any(os.get_inheritable(fd) for fd in opened)


def test_a_taken_port_is_said_to_be_taken(hub, device, port):
    from instruments.errors import UsageError

    with pytest.raises(UsageError, match=f"127.0.0.1:{port}.*in use"):
        hub.listen_tcp(stream_service(device), port=port)
