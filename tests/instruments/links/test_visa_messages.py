"""HiSLIP and VXI-11: whole messages, wholly inside the wire's bracket."""

import random
import struct
import threading
import time

import pytest

from instruments.errors import BenchError, LinkClosed, LinkTimeout
from instruments.links import VisaLink

TIMEOUT_S = 0.15


def exactly(connection, count):
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(min(count - len(data), 1 << 20))
        if not piece:
            raise ConnectionError
        data += piece
    return bytes(data)


class HislipBox:
    """The least a HiSLIP server needs; ``answers`` maps a query to its reply or its delay."""

    def __init__(self, answers):
        self.answers = answers
        self.sent_before_close = None

    def __call__(self, connection, _number):
        while True:
            kind, _control, parameter, length = struct.unpack("!2xBBIQ", exactly(connection, 16))
            body = exactly(connection, length)
            if kind == 0:
                connection.sendall(struct.pack("!2sBBIQ", b"HS", 1, 0, 1 << 24 | 7, 0))
            elif kind == 17:
                connection.sendall(struct.pack("!2sBBIQ", b"HS", 18, 0, 0, 0))
            elif kind == 15:
                reply = struct.pack("!2sBBIQQ", b"HS", 16, 0, 0, 8, 1 << 20)
                connection.sendall(reply)
            elif kind in (6, 7) and not self._answer(connection, parameter, body):
                return

    def _answer(self, connection, parameter, body):
        command = body.rstrip(b"\n").decode()
        if command == "CLOSE?":
            return False
        if command == "TORN?":
            connection.sendall(struct.pack("!2sBBIQ", b"HS", 7, 0, parameter, 100) + b"#2")
            return False
        if command == "NONSENSE?":
            connection.sendall(b"what is this that comes here?")
            return True
        answer = self.answers.get(command)
        if isinstance(answer, float):
            time.sleep(answer)
            answer = b"late\n"
        if answer is not None:
            connection.sendall(struct.pack("!2sBBIQ", b"HS", 7, 0, parameter, len(answer)) + answer)
        return True


class Vxi11Box:
    """The least a VXI-11 core channel needs."""

    def __init__(self, answers):
        self.answers = answers
        self.output = b""
        self.calls = []

    def __call__(self, connection, _number):
        while True:
            (header,) = struct.unpack("!I", exactly(connection, 4))
            record = exactly(connection, header & 0x7FFFFFFF)
            xid, _, _, _, _, procedure = struct.unpack("!6I", record[:24])
            self.calls.append(procedure)
            result = self._result(procedure, record[40:])
            if result is None:
                return
            reply = struct.pack("!6I", xid, 1, 0, 0, 0, 0) + result
            connection.sendall(struct.pack("!I", 0x80000000 | len(reply)) + reply)

    def _result(self, procedure, arguments):
        if procedure == 10:
            return struct.pack("!4I", 0, 1, 0, 1 << 20)
        if procedure == 11:
            return self._write(arguments)
        if procedure == 12:
            return self._read(arguments)
        return struct.pack("!I", 0)

    def _write(self, arguments):
        (length,) = struct.unpack("!I", arguments[16:20])
        command = arguments[20 : 20 + length].rstrip(b"\n").decode()
        if command == "CLOSE?":
            return None
        self.output = self.answers.get(command, b"")
        return struct.pack("!2I", 0, length)

    def _read(self, arguments):
        _link, size, io_timeout_ms = struct.unpack("!3I", arguments[:12])
        if not self.output:
            time.sleep(io_timeout_ms / 1000)
            return struct.pack("!3I", 15, 0, 0)
        piece, self.output = self.output[:size], self.output[size:]
        reason = 0 if self.output else 4
        return struct.pack("!3I", 0, reason, len(piece)) + piece + bytes(-len(piece) % 4)


BOXES = {"hislip": HislipBox, "vxi11": Vxi11Box}


def resource_of(kind, port):
    return {
        "hislip": f"TCPIP0::127.0.0.1::hislip0,{port}::INSTR",
        "vxi11": f"TCPIP0::127.0.0.1,{port}::inst0::INSTR",
    }[kind]


@pytest.fixture(params=BOXES)
def kind(request):
    return request.param


@pytest.fixture
def link_to(serve, kind, visa_over):
    def make(answers, **options):
        make.server = serve(BOXES[kind](answers))
        resource = resource_of(kind, make.server.port)
        return visa_over(resource, **{"timeout_s": TIMEOUT_S} | options)

    return make


def test_queries_are_answered_in_order(link_to):
    link = link_to({f"Q{n}?": b"%d\n" % n for n in range(100)})
    assert [link.query(f"Q{n}?") for n in range(100)] == [str(n) for n in range(100)]


def test_a_write_needs_no_answer(link_to):
    link = link_to({"A?": b"1\n"})
    link.write("OUTP ON")
    assert link.query("A?") == "1"


def test_blocks_come_whole_with_line_feeds_inside(link_to):
    data = b"\n#" * 40_000
    link = link_to({"CURV?": b"#580000" + data + b"\n", "A?": b"1\n"})
    assert link.query_block("CURV?") == data
    assert link.query("A?") == "1"


def test_sixteen_megabytes_come_whole_and_fast(link_to):
    data = random.Random(1).randbytes(16 << 20)
    link = link_to({"CURV?": b"#8%d" % len(data) + data + b"\n"}, timeout_s=2.0)
    start = time.monotonic()
    assert link.query_block("CURV?") == data
    assert time.monotonic() - start < 2.0


def test_a_silent_box_is_a_time_out_and_the_next_query_is_sound(link_to):
    link = link_to({"A?": b"1\n"})
    start = time.monotonic()
    with pytest.raises(LinkTimeout):
        link.query("SILENCE?")
    assert time.monotonic() - start < 4 * TIMEOUT_S
    assert link.query("A?") == "1"


def test_a_peer_that_closes_is_noticed_at_once_and_without_spinning(link_to):
    link = link_to({"A?": b"1\n"}, timeout_s=3.0)
    start, cpu = time.monotonic(), time.process_time()
    with pytest.raises(LinkClosed):
        link.query("CLOSE?")
    assert time.monotonic() - start < 0.5
    assert time.process_time() - cpu < 0.2
    assert link.query("A?") == "1"


def test_a_connection_the_box_closed_while_idle_is_opened_anew(link_to):
    link = link_to({"A?": b"1\n"})
    link.query("A?")
    link_to.server.hang_up()
    assert link.query("A?") == "1"


def test_a_refused_port_is_a_closed_link_and_leaves_no_socket_open(link_to):
    link = link_to({})
    link_to.server.stop_listening()
    with pytest.raises(LinkClosed):
        link.query("A?")  # an unclosed socket would be a warning, and so an error


def test_the_whole_exchange_runs_inside_the_bracket(link_to, fake_wires):
    link = link_to({"A?": b"1\n"}, wires=fake_wires)
    fake_wires.one.link = link
    link.query("A?")
    link.query("A?")
    link.write("B")
    link.close()
    assert fake_wires.one.calls == [
        *("ready", "blocking", "over", "blocking", "over", "settle"),
        *("ready", "blocking", "over", "settle"),
        *("ready", "blocking", "over", "settle"),
        *("blocking", "over"),
    ]
    assert all(fake_wires.one.free_when_settled)


def test_a_text_that_is_no_block_is_an_error(link_to):
    link = link_to({"CURV?": b"nothing\n"})
    with pytest.raises(BenchError, match="no block but"):
        link.query_block("CURV?")


def test_vxi11_says_farewell_but_not_to_a_broken_connection(serve, visa_over):
    box = Vxi11Box({"A?": b"1\n"})
    link = visa_over(resource_of("vxi11", serve(box).port), timeout_s=TIMEOUT_S)
    link.query("A?")
    link.close()
    assert box.calls == [10, 11, 12, 23]
    with pytest.raises(LinkTimeout):
        link.query("SILENCE?")
    assert box.calls[4:] == [10, 11, 12]


@pytest.mark.parametrize("command", ["TORN?", "NONSENSE?"])
def test_a_torn_or_senseless_hislip_message_is_a_closed_link(serve, visa_over, command):
    server = serve(HislipBox({"A?": b"1\n"}))
    link = visa_over(resource_of("hislip", server.port), timeout_s=TIMEOUT_S)
    with pytest.raises(LinkClosed):
        link.query_block(command)
    assert link.query("A?") == "1"


def test_a_late_hislip_reply_never_answers_the_next_query(serve, visa_over):
    server = serve(HislipBox({"SLOW?": 1.5 * TIMEOUT_S, "A?": b"1\n"}))
    link = visa_over(resource_of("hislip", server.port), timeout_s=TIMEOUT_S)
    with pytest.raises(LinkTimeout):
        link.query("SLOW?")
    assert link.query("A?") == "1"


def test_a_server_that_closes_during_the_opening_is_a_closed_link(serve, clock, wires):
    accepted = threading.Event()
    server = serve(lambda _connection, _: accepted.set())
    link = VisaLink(resource_of("hislip", server.port), name="b", clock=clock, wires=wires)
    with pytest.raises(LinkClosed):
        link.open()
    assert accepted.wait(1)
