"""Modbus on a socket: silence, wrong answers and lost connections are clean errors."""

import logging
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rtu_frames import crc, rtu

from instruments.errors import BenchError, LinkClosed, LinkTimeout, Refused
from instruments.links import ModbusLine, ModbusTcp, RtuOverTcp

TIMEOUT_S = 0.1
READ = rtu("01 03 01fb 0001")
LATE, OWN = rtu("01 03 02 1111"), rtu("01 03 02 2222")


def test_a_silent_box_is_a_time_out_within_bounds(rtu_box):
    line, heard = rtu_box({}, timeout_s=TIMEOUT_S)
    start = time.monotonic()
    with pytest.raises(LinkTimeout, match=r"sound answer within 0\.1 s, got nothing"):
        line.unit(1).read_holding(0)
    assert time.monotonic() - start < 3 * TIMEOUT_S
    assert len(heard) == 1  # not asked again


def test_faults_are_raised_and_not_printed(rtu_box, capfd, caplog):
    line, _ = rtu_box({}, timeout_s=TIMEOUT_S)
    logger = logging.getLogger("pymodbus")
    root_handlers, logging.root.handlers = logging.root.handlers, []
    try:
        with pytest.raises(LinkTimeout):
            line.unit(1).read_holding(0)
    finally:
        logging.root.handlers = root_handlers
    assert capfd.readouterr() == ("", "")
    assert logger.level == logging.NOTSET  # whoever wants its log may still have it


def test_a_late_answer_never_answers_the_next_request(serve, line_over):
    answers = {
        rtu("01 03 0016 0001"): rtu("01 03 02 0016"),
        rtu("01 03 0021 0001"): rtu("01 03 02 0021"),
    }
    given_up = threading.Event()

    def talk(connection, number):
        while request := connection.recv(300):
            if number == 1:
                given_up.wait(2)
            connection.sendall(answers[request])

    server = serve(talk)
    unit = line_over(RtuOverTcp("127.0.0.1", server.port), timeout_s=TIMEOUT_S).unit(1)
    with pytest.raises(LinkTimeout):
        unit.read_holding(0x16)
    given_up.set()
    server.wait_for_end(1)
    assert unit.read_holding(0x21) == [0x21]


def test_the_answer_to_an_interrupted_read_never_answers_the_next(serve, line_over, fake_wires):
    asked_again = threading.Event()

    def talk(connection, _):
        while request := connection.recv(300):
            asked_again.wait(2)
            connection.sendall(rtu(f"01 03 02 {request[2:4].hex()}"))

    unit = line_over(RtuOverTcp("127.0.0.1", serve(talk).port), wires=fake_wires).unit(1)
    fake_wires.one.interrupt()
    with pytest.raises(KeyboardInterrupt):
        unit.read_holding(22)
    fake_wires.one.on_sent = asked_again.set
    assert unit.read_holding(33) == [33]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("a wrong CRC", bytes.fromhex("01 03 02 00 05 00 00")),
        ("another unit", rtu("02 03 02 0005")),
        ("another function", rtu("01 04 02 0005")),
        ("too many registers", rtu("01 03 04 0005 0006")),
        ("the exception of another function", rtu("01 86 02")),
        ("half a frame", bytes.fromhex("01 03 02 00")),
        ("garbage", b"hello world\n"),
    ],
)
def test_an_answer_that_is_none_is_an_error_and_the_next_request_is_sound(
    serve, line_over, name, answer
):
    def talk(connection, number):
        while connection.recv(300):
            connection.sendall(answer if number == 1 else rtu("01 03 02 0007"))

    server = serve(talk)
    unit = line_over(RtuOverTcp("127.0.0.1", server.port), timeout_s=TIMEOUT_S).unit(1)
    with pytest.raises(BenchError) as caught:
        unit.read_holding(0)
    assert not isinstance(caught.value, Refused)
    assert unit.read_holding(0) == [7]
    assert len(server.connections) == 2


def test_an_answer_of_another_unit_is_no_answer_of_unit_0(rtu_box):
    line, _ = rtu_box({rtu("00 03 0000 0001"): rtu("01 03 02 0005")}, timeout_s=TIMEOUT_S)
    with pytest.raises(BenchError, match="01 03 02 00 05"):
        line.unit(0).read_holding(0)


@pytest.mark.parametrize("came", [LATE + OWN, OWN + OWN, OWN + b"\x01\x03"])
def test_an_answer_with_more_behind_it_is_refused(rtu_box, came):
    line, _ = rtu_box({READ: came})
    with pytest.raises(BenchError, match=r"an answer of 7 bytes and \d bytes more"):
        line.unit(1).read_holding(507)


@pytest.mark.parametrize("before", [rtu("07 03 02 1111"), b"\x00", b"\xff\xff"])
def test_an_answer_with_something_before_it_is_refused(rtu_box, before):
    line, _ = rtu_box({READ: before + OWN}, timeout_s=TIMEOUT_S)
    with pytest.raises(BenchError):
        line.unit(1).read_holding(507)


def test_a_write_that_is_echoed_otherwise_is_an_error(rtu_box):
    line, _ = rtu_box({rtu("01 06 01f4 0001"): rtu("01 06 01f4 0002")})
    with pytest.raises(BenchError, match="echo of something else"):
        line.unit(1).write_register(500, 1)


def framed_as(transport):
    """Return how an answer to a request becomes a sound frame."""
    if transport is ModbusTcp:
        return lambda request, data: request[:4] + len(data).to_bytes(2, "big") + data
    return lambda _request, data: data + crc(data)


def test_any_bytes_at_all_end_in_an_answer_or_a_bench_error(serve, clock, wires):
    """Whatever comes, pymodbus' own mistakes never reach a driver."""
    answer = {}

    def talk(connection, _):
        if request := connection.recv(300):
            connection.sendall(answer["to"](request))

    port = serve(talk).port

    @settings(max_examples=150, deadline=None)
    @given(
        start=st.sampled_from(
            [b"", b"\x01\x03", b"\x01\x83", b"\x01\x2b", b"\x01\x08", b"\x01\x18"]
        ),
        body=st.binary(max_size=40),
        sound=st.booleans(),
        transport=st.sampled_from([RtuOverTcp, ModbusTcp]),
    )
    def check(start, body, sound, transport):
        data, framed = start + body, framed_as(transport)
        answer["to"] = lambda request: framed(request, data) if sound else data
        line = ModbusLine(
            transport("127.0.0.1", port), name="b", clock=clock, wires=wires, timeout_s=1.0
        )
        try:
            assert len(line.unit(1).read_holding(0)) == 1
        except BenchError:
            pass
        finally:
            line.close()

    check()


def test_a_peer_that_closes_or_resets_is_a_closed_link_at_once(serve, line_over, reset):
    def talk(connection, number):
        connection.recv(300)
        if number == 1:
            reset(connection)

    unit = line_over(RtuOverTcp("127.0.0.1", serve(talk).port), timeout_s=5.0).unit(1)
    start = time.monotonic()
    for _ in range(2):
        with pytest.raises(LinkClosed):
            unit.read_holding(0)
    assert time.monotonic() - start < 0.5


def test_a_connection_the_box_closed_while_idle_is_opened_anew_before_sending(serve, line_over):
    def talk(connection, _):
        connection.recv(300)
        connection.sendall(rtu("01 03 02 0007"))

    server = serve(talk)
    unit = line_over(RtuOverTcp("127.0.0.1", server.port)).unit(1)
    for number in (1, 2):
        assert unit.read_holding(0) == [7]
        server.wait_for_end(number)
    assert len(server.connections) == 2


def test_a_refused_port_is_a_closed_link(serve, line_over):
    server = serve(lambda _connection, _: None)
    server.stop_listening()
    with pytest.raises(LinkClosed, match="refused"):
        line_over(RtuOverTcp("127.0.0.1", server.port)).unit(1).read_holding(0)
