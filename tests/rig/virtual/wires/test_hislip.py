"""HiSLIP with pyvisa-py in virtual time, and the messages themselves."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.virtual.wires import Response
from rig.virtual.wires.hislip import HislipServer

HEADER = struct.Struct("!2sBBIQ")


@pytest.fixture
def port(hub, device):
    return hub.listen_hislip(device)


@pytest.fixture
def wire(wires, port):
    return wires.wire(f"127.0.0.1:{port}")


@pytest.fixture
def scope(visa, wire, port):
    with wire.blocking():
        scope = visa.open_resource(
            f"TCPIP0::127.0.0.1::hislip0,{port}::INSTR",
            read_termination="\n",
            write_termination="\n",
        )
    yield scope
    with wire.blocking():
        scope.close()


def test_pyvisa_queries_and_pays_the_turnaround(scope, wire, clock):
    with wire.blocking():
        assert scope.query("*IDN?") == "ACME,Echo,0,1.0"
    wire.settle()
    assert clock.now() == 0.01


def test_a_block_of_16_mb_comes_in_messages_of_the_client_s_size(scope, wire):
    scope.chunk_size = 1 << 20
    with wire.blocking():
        assert len(scope.query("BIG? 16000000")) == 16_000_000


def test_a_message_may_come_in_several_parts(scope, wire, device, visa):
    visa.visalib.sessions[scope.session].interface._max_msg_size = 1000
    with wire.blocking():
        scope.write_raw(b"DATA #6500000" + b"\n" * 500_000 + b"\n")
    assert [len(message) for message in device.heard] == [500_013]


def test_the_status_byte_tells_of_an_unread_reply(scope, wire, device):
    device.status = 0x04
    with wire.blocking():
        scope.write("ECHO? x")
        assert scope.read_stb() == 0x14
        assert scope.read() == "x"
        assert scope.read_stb() == 0x04


def test_a_device_clear_reaches_the_device(scope, wire, device):
    with wire.blocking():
        scope.write("*CLS")
        scope.clear()
        assert scope.query("ECHO? kept") == "kept"
    assert device.events == ["clear"]


def test_a_trigger_reaches_the_device(scope, wire, device, visa):
    with wire.blocking():
        visa.visalib.sessions[scope.session].interface.trigger()
        assert scope.query("ECHO? x") == "x"
    assert device.events == ["trigger"]


def test_a_new_message_interrupts_the_unread_reply(scope, wire, device):
    with wire.blocking():
        scope.write("ECHO? old")
        scope.write("ECHO? new")
        assert scope.read() == "new"
    assert device.events == ["interrupted"]


def test_a_reply_that_was_read_is_no_interruption(scope, wire, device):
    with wire.blocking():
        for _ in range(3):
            scope.query("ECHO? x")
            scope.read_stb()
            scope.write("*CLS")
    assert device.events == []


def test_when_one_connection_ends_so_does_the_other(scope, wire, visa):
    interface = visa.visalib.sessions[scope.session].interface
    interface._async.close()
    wire.sent(0)
    with pytest.raises(ConnectionResetError):
        interface._sync.recv(1)


def message(kind, control=0, parameter=0, payload=b""):
    return HEADER.pack(b"HS", kind, control, parameter, len(payload)) + payload


@pytest.fixture
def talk(connect, port, wire):
    """Send messages over a pair of connections; return the header fields and payloads heard."""
    synchronous, asynchronous = connect(port), connect(port)

    def exchange(client, data):
        client.sendall(data)
        wire.sent(len(data))
        heard, got = [], client.recv(1 << 16)
        while got:
            _, kind, control, parameter, size = HEADER.unpack_from(got)
            heard.append((kind, control, parameter, got[HEADER.size : HEADER.size + size]))
            got = got[HEADER.size + size :]
        return heard

    return (
        lambda *args: exchange(synchronous, message(*args)),
        lambda *args: exchange(asynchronous, message(*args)),
    )


@pytest.fixture
def opened(talk):
    synchronous, asynchronous = talk
    ((kind, _, parameter, _),) = synchronous(0, 0, 0x0200_7878, b"hislip0")
    assert (kind, parameter >> 16) == (1, 0x0100)
    ((kind, _, _, _),) = asynchronous(17, 0, parameter & 0xFFFF)
    assert kind == 18
    return talk


def test_a_reply_bears_the_id_of_its_question(opened):
    synchronous, _ = opened
    assert synchronous(7, 0, 0xFFFFFF00, b"ECHO? x\n") == [(7, 0, 0xFFFFFF00, b"x\n")]
    assert synchronous(7, 1, 0xFFFFFF02, b"ECHO? y") == [(7, 0, 0xFFFFFF02, b"y\n")]


def test_a_reply_is_cut_to_the_size_the_client_takes(opened):
    synchronous, asynchronous = opened
    ((kind, _, _, payload),) = asynchronous(15, 0, 0, struct.pack("!Q", 4))
    assert (kind, payload) == (16, struct.pack("!Q", 1 << 20))
    assert synchronous(7, 0, 2, b"ECHO? abcdefg") == [(6, 0, 2, b"abcd"), (7, 0, 2, b"efg\n")]


def test_a_device_clear_forgets_half_a_message_and_an_unread_reply(opened, device):
    synchronous, asynchronous = opened
    synchronous(7, 0, 2, b"ECHO? unread")
    synchronous_data_without_end(opened, b"ECHO? half")
    assert asynchronous(19) == [(23, 0, 0, b"")]
    assert synchronous(8) == [(9, 0, 0, b"")]
    assert synchronous(7, 0, 0xFFFFFF00, b"ECHO? new") == [(7, 0, 0xFFFFFF00, b"new\n")]
    assert device.events == ["interrupted", "clear"]


def synchronous_data_without_end(opened, data):
    """Send the beginning of a message while a reply is unread, which is all that is answered."""
    assert opened[0](6, 0, 4, data) == [(13, 0, 4, b"")]
    assert opened[1](24)[0] == (14, 0, 4, b"")


def test_an_interruption_is_told_on_both_connections(opened, device):
    synchronous, asynchronous = opened
    synchronous(7, 0, 2, b"ECHO? old")
    assert synchronous(7, 0, 4, b"ECHO? new") == [(13, 0, 4, b""), (7, 0, 4, b"new\n")]
    assert asynchronous(24)[0] == (14, 0, 4, b"")
    assert device.events == ["interrupted"]


def test_remote_control_is_granted_and_nobody_holds_a_lock(opened):
    _, asynchronous = opened
    assert asynchronous(10, 3, 0) == [(11, 0, 0, b"")]
    assert asynchronous(24) == [(25, 0, 0, b"")]


def test_a_message_of_unknown_kind_is_an_error_and_no_end(opened):
    synchronous, asynchronous = opened
    assert [one[:2] for one in synchronous(99)] == [(3, 1)]
    assert [one[:2] for one in asynchronous(4, 1, 0)] == [(3, 1)]
    assert synchronous(7, 0, 2, b"ECHO? on") == [(7, 0, 2, b"on\n")]


@pytest.mark.parametrize(
    ("first", "code"),
    [((7, 0, 2, b"*IDN?"), 3), ((17, 0, 999), 3)],
)
def test_talk_before_the_initialization_is_a_fatal_error(talk, first, code):
    ((kind, control, _, _),) = talk[0](*first)
    assert (kind, control) == (2, code)


def test_data_before_the_second_connection_is_a_fatal_error(talk):
    synchronous, _ = talk
    synchronous(0, 0, 0x0100_0000, b"hislip0")
    assert synchronous(7, 0, 2, b"*IDN?")[0][:2] == (2, 2)


def test_what_is_no_hislip_at_all_is_a_fatal_error(connect, port, wire):
    client = connect(port)
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    wire.sent(18)
    assert HEADER.unpack_from(client.recv(100))[:3] == (b"HS", 2, 1)


def test_a_message_that_is_too_large_is_refused_before_it_comes(connect, port, wire):
    client = connect(port)
    client.sendall(HEADER.pack(b"HS", 0, 0, 0, 1 << 40))
    wire.sent(16)
    assert HEADER.unpack_from(client.recv(100))[1:4:2] == (3, 0)


class _Line:
    def send(self, data):
        pass

    def charge(self, turnaround_s):
        pass

    def close(self):
        pass


class _Mute:
    def execute(self, message):
        return Response(b"")

    def status_byte(self):
        return 0

    def clear(self):
        pass

    def trigger(self):
        pass


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.builds(
                message,
                st.integers(0, 40),
                st.integers(0, 3),
                st.integers(0, 2),
                st.binary(max_size=10),
            ),
        ),
        max_size=12,
    )
)
def test_no_garbage_breaks_the_box(noise):
    server = HislipServer(_Mute())
    pair = [server.connect(_Line()) for _ in range(2)]
    pair[0].received(message(0, 0, 0x0100_0000, b"hislip0"))
    pair[1].received(message(17, 0, 1))
    for number, data in enumerate(noise):
        pair[number % 2].received(data)
    for connection in pair:
        connection.closed()
    assert not server.conversations
