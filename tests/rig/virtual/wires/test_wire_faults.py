"""Unplugged boxes, vanishing clients, broken sessions, floods and garbage."""

from __future__ import annotations

import socket
import time

import pytest

from instruments.errors import BenchError, UsageError
from rig.virtual.wires import Response, stream_service


@pytest.fixture
def port(hub, device):
    return hub.listen_tcp(stream_service(device))


@pytest.fixture
def wire(wires, port):
    return wires.wire(f"127.0.0.1:{port}")


def ask(client, wire, message):
    client.sendall(message + b"\n")
    wire.sent(len(message) + 1)
    return client.recv(1000)


def test_an_unplugged_box_resets_its_clients_and_refuses_new_ones(hub, connect, port, wire):
    client = connect(port)
    ask(client, wire, b"*IDN?")
    hub.unplug(f"127.0.0.1:{port}")
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connect(port)


def test_sent_to_an_unplugged_box_returns_at_once(hub, connect, port, wire):
    connect(port)
    hub.unplug(f"127.0.0.1:{port}")
    started = time.monotonic()
    wire.sent(1000)
    assert time.monotonic() - started < 0.5


def test_a_box_may_be_plugged_in_again_at_the_same_port(hub, connect, port, wire, device):
    ask(connect(port), wire, b"*IDN?")
    hub.unplug(f"127.0.0.1:{port}")
    assert hub.listen_tcp(stream_service(device), port=port) == port
    assert ask(connect(port), wire, b"ECHO? back") == b"back\n"


def test_unplugging_where_nothing_is_plugged_in_is_a_usage_error(hub):
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:1: no simulated box"):
        hub.unplug("127.0.0.1:1")


def test_a_box_may_unplug_itself_while_it_is_asked(hub, wires, connect):
    class Quitter:
        def execute(self, message):
            hub.unplug(address)
            return Response(b"too late")

    port = hub.listen_tcp(stream_service(Quitter()))
    address = f"127.0.0.1:{port}"
    client = connect(port)
    client.sendall(b"?\n")
    wires.wire(address).sent(2)
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_a_session_learns_that_its_client_is_gone(hub, wires, connect):
    ended = []

    class Listener:
        def __init__(self, line):
            self.line = line

        def received(self, data):
            pass

        def closed(self):
            ended.append(True)
            self.line.send(b"nobody hears this")

    port = hub.listen_tcp(Listener)
    client = connect(port)
    wires.wire(f"127.0.0.1:{port}").sent(0)
    assert not ended
    client.close()
    wires.wire(f"127.0.0.1:{port}").sent(0)
    assert ended == [True]


def test_a_broken_box_surfaces_in_the_test_and_its_client_sees_the_end(connect, port, wire):
    client = connect(port)
    client.sendall(b"BREAK\n")
    with pytest.raises(RuntimeError, match="the box broke"):
        wire.sent(6)
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    assert ask(connect(port), wire, b"ECHO? on") == b"on\n"


def test_a_broken_box_surfaces_at_the_end_of_a_blocking_call(connect, port, wire):
    client = connect(port)
    with pytest.raises(RuntimeError, match="the box broke") as caught, wire.blocking():
        client.sendall(b"BREAK\n")
        client.recv(1)
    assert isinstance(caught.value.__context__, ConnectionResetError)


def test_an_error_while_a_session_ends_is_not_lost(hub, wires, connect):
    class Sore:
        def __init__(self, line):
            pass

        def received(self, data):
            pass

        def closed(self):
            raise RuntimeError("sore loser")

    port = hub.listen_tcp(Sore)
    client = connect(port)
    wire = wires.wire(f"127.0.0.1:{port}")
    wire.sent(0)
    client.close()
    with pytest.raises(RuntimeError, match="sore loser"):
        wire.sent(0)


def test_bytes_that_never_arrive_raise_after_the_hang_guard(connect, port, wire, monkeypatch):
    monkeypatch.setattr("rig.virtual.wires.pump.HANG_GUARD_S", 0.05)
    client = connect(port)
    client.sendall(b"ab")
    with pytest.raises(BenchError, match=rf"127.0.0.1:{port}.*3 bytes missing after 0.05 s"):
        wire.sent(5)
    client.sendall(b"c\n")
    wire.sent(2)


def test_a_box_that_hangs_up_is_heard_to_the_end_and_then_gone(hub, wires, connect):
    class LastWord:
        def __init__(self, line):
            self.line = line

        def received(self, data):
            self.line.send(b"goodbye")
            self.line.close()

        def closed(self):
            pass

    port = hub.listen_tcp(LastWord)
    client, wire = connect(port), wires.wire(f"127.0.0.1:{port}")
    other = connect(port)
    wire.sent(0)
    client.sendall(b"x")
    wire.sent(1)
    assert client.recv(100) == b"goodbye"
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    started = time.monotonic()
    wire.sent(10)  # of a client that has not noticed yet; the other line is still open
    assert time.monotonic() - started < 0.5
    other.sendall(b"x")
    wire.sent(1)
    assert other.recv(100) == b"goodbye"


def test_a_message_without_end_is_cut_off_and_others_go_on(connect, port, wire):
    flooder, polite = connect(port), connect(port)
    with pytest.raises(ConnectionError):
        for _ in range(40):
            flooder.sendall(b"x" * 32768)
            wire.sent(32768)
        flooder.recv(1)
    assert ask(polite, wire, b"ECHO? still here") == b"still here\n"


def test_a_client_that_never_reads_is_cut_off(connect, port, wire, monkeypatch):
    monkeypatch.setattr("rig.virtual.wires.line.MAX_BACKLOG", 1 << 20)
    greedy, polite = connect(port), connect(port)
    with pytest.raises(ConnectionError):
        for _ in range(20):
            greedy.sendall(b"BIG? 4000000\n")
            wire.sent(13)
    assert ask(polite, wire, b"ECHO? still here") == b"still here\n"


def test_one_client_too_many_is_turned_away(connect, port, wire, monkeypatch):
    monkeypatch.setattr("rig.virtual.wires.reactor.MAX_CONNECTIONS", 2)
    first, second = connect(port), connect(port)
    third = connect(port)
    wire.sent(0)
    with pytest.raises(ConnectionResetError):
        third.recv(1)
    assert ask(first, wire, b"ECHO? 1") + ask(second, wire, b"ECHO? 2") == b"1\n2\n"


def test_a_negative_turnaround_is_refused(hub, wires, connect):
    class BackInTime:
        def execute(self, message):
            return Response(b"", -1.0)

    port = hub.listen_tcp(stream_service(BackInTime()))
    connect(port).sendall(b"?\n")
    with pytest.raises(ValueError, match="must not be negative"):
        wires.wire(f"127.0.0.1:{port}").sent(2)


def test_closing_the_hub_ends_everything_and_may_be_repeated(hub, connect, port, wire):
    client = connect(port)
    client.sendall(b"BIG? 16000000\n")
    wire.sent(14)
    hub.close()
    hub.close()
    with pytest.raises(ConnectionResetError):
        while client.recv(1 << 20):
            pass


def test_two_blocking_calls_may_be_nested(connect, port, wire, clock):
    with wire.blocking():
        client = connect(port)
        with wire.blocking():
            client.sendall(b"*IDN?\n")
            wire.sent(6)
            assert client.recv(100) == b"ACME,Echo,0,1.0\n"
    wire.settle()
    assert clock.now() == 0.01


def test_all_that_was_written_is_consumed_when_a_blocking_call_ends(connect, port, wire, device):
    client = connect(port)
    with wire.blocking():
        client.sendall(b"ONE\n")
    assert device.heard == [b"ONE"]
    client.sendall(b"TWO\n")
    wire.sent(4)
    assert device.heard == [b"ONE", b"TWO"]
    assert isinstance(client, socket.socket)
