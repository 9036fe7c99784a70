"""VXI-11 with pyvisa-py in virtual time, and the calls themselves."""

from __future__ import annotations

import gc
import socket
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

from rig.virtual.wires.rpc import RpcSession

CORE = 0x0607AF


@pytest.fixture
def port(hub, device):
    return hub.listen_vxi11(device)


@pytest.fixture
def wire(wires, port):
    return wires.wire(f"127.0.0.1:{port}")


@pytest.fixture
def open_analyser(visa, wire, port):
    opened = []

    def make():
        with wire.blocking():
            opened.append(
                visa.open_resource(
                    f"TCPIP0::127.0.0.1,{port}::inst0::INSTR",
                    read_termination="\n",
                    write_termination="\n",
                )
            )
        return opened[-1]

    yield make
    with wire.blocking():
        for analyser in opened:
            analyser.close()


@pytest.fixture
def analyser(open_analyser):
    return open_analyser()


def test_pyvisa_queries_and_the_write_bears_the_turnaround(analyser, wire, clock):
    with wire.blocking():
        assert analyser.query("*IDN?") == "ACME,Echo,0,1.0"
    wire.settle()
    assert clock.now() == 0.01


def test_a_block_of_16_mb_comes_in_pieces(analyser, wire):
    analyser.chunk_size = 1 << 20
    with wire.blocking():
        assert len(analyser.query("BIG? 16000000")) == 16_000_000


def test_a_long_message_arrives_whole(analyser, wire, device):
    with wire.blocking():
        analyser.write_raw(b"DATA #71000000" + b"\n" * 1_000_000 + b"\n")
    assert [len(message) for message in device.heard] == [1_000_014]


def test_the_status_byte_tells_of_an_unread_reply(analyser, wire, device):
    device.status = 0x04
    with wire.blocking():
        assert analyser.read_stb() == 0x04
        analyser.write("ECHO? x")
        assert analyser.read_stb() == 0x14
        assert analyser.read() == "x"
        assert analyser.read_stb() == 0x04


def test_trigger_and_clear_reach_the_device(analyser, wire, device):
    with wire.blocking():
        analyser.assert_trigger()
        analyser.write("ECHO? lost")
        analyser.clear()
        assert analyser.query("ECHO? kept") == "kept"
    assert device.events == ["trigger", "clear"]


def test_a_new_message_discards_the_unread_reply(analyser, wire, device):
    with wire.blocking():
        analyser.write("ECHO? old")
        assert analyser.query("ECHO? new") == "new"
    assert device.events == ["interrupted"]


def test_reading_without_a_question_times_out_without_wall_time(analyser, wire, device):
    analyser.timeout = 5000
    started = time.monotonic()
    with wire.blocking(), pytest.raises(VisaIOError) as caught:
        analyser.read()
    assert caught.value.error_code == StatusCode.error_timeout
    assert time.monotonic() - started < 1.0
    assert device.events == ["unterminated"]


def test_a_termination_character_ends_a_read(analyser, wire):
    analyser.read_termination = None
    with wire.blocking():
        analyser.write("ECHO? a;b")
        assert analyser.read(termination=";") == "a"
        assert analyser.read(termination="\n") == "b"


def test_a_locked_box_refuses_others_until_its_holder_leaves(open_analyser, wire, device):
    holder, other = open_analyser(), open_analyser()
    with wire.blocking():
        holder.lock_excl()
        with pytest.raises(VisaIOError):
            other.write("*CLS")
        assert holder.query("ECHO? mine") == "mine"
        holder.close()
        other.write("*CLS")
    assert device.heard == [b"ECHO? mine", b"*CLS"]


def test_a_lock_dies_with_the_connection_of_its_holder(open_analyser, visa, wire):
    holder, other = open_analyser(), open_analyser()
    with wire.blocking():
        holder.lock_excl()
        visa.visalib.sessions[holder.session].interface.sock.shutdown(socket.SHUT_RDWR)
    with wire.blocking():
        assert other.query("ECHO? free") == "free"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_device_of_another_name_is_not_there(visa, wire, port):
    with wire.blocking(), pytest.raises(Exception, match="error creating link: 3"):
        visa.open_resource(f"TCPIP0::127.0.0.1,{port}::inst7::INSTR")
    gc.collect()  # pyvisa-py leaves the socket of a refused link open


def call(procedure, *arguments, program=CORE, version=1, rpc_version=2):
    return struct.pack(
        f">10I{len(arguments)}I",
        *(7, 0, rpc_version, program, version, procedure, 0, 0, 0, 0),
        *arguments,
    )


@pytest.fixture
def exchange(connect, port, wire):
    """Send one call in fragments of the given size and return the words of the reply."""
    client = connect(port)

    def send(record, fragment=1 << 20):
        parts = [record[at : at + fragment] for at in range(0, len(record), fragment)]
        for part in parts:
            last = 0x80000000 if part is parts[-1] else 0
            client.sendall(struct.pack(">I", last | len(part)) + part)
            wire.sent(4 + len(part))
        reply = client.recv(1000)
        (mark,) = struct.unpack_from(">I", reply)
        assert mark == 0x80000000 | (len(reply) - 4)
        return struct.unpack(f">{len(reply) // 4 - 1}I", reply[4:])

    return send


def create_link(exchange, lock=0):
    reply = exchange(call(10, 1, lock, 0, 5) + b"inst0\0\0\0")
    assert reply[:6] == (7, 1, 0, 0, 0, 0)
    return reply[6:]


def test_a_call_may_come_in_fragments(exchange):
    error, link, abort_port, max_receive = create_link(lambda record: exchange(record, fragment=5))
    assert (error, link, abort_port, max_receive) == (0, 1, 0, 1 << 20)


@pytest.mark.parametrize(
    ("record", "reply"),
    [
        (call(0), (7, 1, 0, 0, 0, 0)),
        (call(99), (7, 1, 0, 0, 0, 3)),
        (call(10, 1), (7, 1, 0, 0, 0, 4)),
        (call(10, 1, 0, 0, 500), (7, 1, 0, 0, 0, 4)),
        (call(0, program=5), (7, 1, 0, 0, 0, 1)),
        (call(0, version=9), (7, 1, 0, 0, 0, 2, 1, 1)),
        (call(0, rpc_version=3), (7, 1, 1, 0, 2, 2)),
        (call(13, 55, 0, 0, 0), (7, 1, 0, 0, 0, 0, 4, 0)),
        (call(23, 55), (7, 1, 0, 0, 0, 0, 4)),
        (call(19, 55), (7, 1, 0, 0, 0, 0, 4)),
        (call(20), (7, 1, 0, 0, 0, 0, 8)),
        (call(22), (7, 1, 0, 0, 0, 0, 8, 0)),
        (call(1, 55, program=0x0607B0), (7, 1, 0, 0, 0, 0, 4)),
        (call(2, 55, program=0x0607B0), (7, 1, 0, 0, 0, 3)),
    ],
)
def test_a_call_that_cannot_be_done_is_answered_with_its_reason(exchange, record, reply):
    assert exchange(record) == reply


def test_a_link_that_was_made_locked_can_be_aborted_unlocked_and_destroyed(exchange):
    link = create_link(exchange, lock=1)[1]
    assert create_link_error(exchange) == 11
    assert exchange(call(1, link, program=0x0607B0))[-1] == 0
    assert [exchange(call(19, link))[-1] for _ in range(2)] == [0, 12]
    assert exchange(call(16, link, 0, 0, 0))[-1] == 0
    assert [exchange(call(23, link))[-1] for _ in range(2)] == [0, 4]


def create_link_error(exchange):
    return create_link(exchange, lock=1)[0]


def test_a_message_beyond_the_limit_is_refused(exchange, wire):
    link = create_link(exchange)[1]
    half = 700_000
    errors = []
    for _ in range(2):
        data = b"x" * half
        errors.append(exchange(call(11, link, 1000, 0, 0, half) + data)[6])
    assert errors == [0, 5]


def test_a_record_of_absurd_size_ends_the_connection(connect, port, wire):
    client = connect(port)
    client.sendall(b"\xff\xff\xff\xffGET / HTTP/1.1")
    wire.sent(18)
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_a_reply_instead_of_a_call_ends_the_connection(connect, port, wire):
    client = connect(port)
    client.sendall(struct.pack(">4I", 0x8000000C, 1, 1, 2))
    wire.sent(16)
    with pytest.raises(ConnectionResetError):
        client.recv(1)


class _Line:
    def send(self, data):
        pass

    def charge(self, turnaround_s):
        pass

    def close(self):
        pass


@given(st.lists(st.binary(max_size=60), max_size=10))
def test_no_garbage_breaks_the_box(noise):
    session = RpcSession(_Line(), {(CORE, 1): lambda procedure, call: b""})
    for data in noise:
        session.received(data)
        session.received(struct.pack(">I", 0x80000000 | len(data)) + data)
    session.closed()
