"""Modbus on three wires: requests as literal frames, faults as clean errors."""

import logging
import struct
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.errors import BenchError, LinkClosed, LinkTimeout, Refused, UsageError
from instruments.links import ModbusLine, ModbusTcp, RtuOverTcp, RtuSerial

TIMEOUT_S = 0.1


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def rtu(text):
    """Return a frame with its CRC from hex digits."""
    data = bytes.fromhex(text)
    return data + crc(data)


@pytest.fixture
def line_over(stack, clock, wires, transcript):
    def make(transport, **options):
        options = {"timeout_s": TIMEOUT_S, "wires": wires} | options
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


def test_a_block_of_registers_is_read(rtu_box):
    line, heard = rtu_box({rtu("01 03 01fb 0003"): rtu("01 03 06 0001 8000 ffff")})
    assert line.unit(1).read_holding(507, 3) == [1, 0x8000, 0xFFFF]
    assert heard == [bytes.fromhex("01 03 01 fb 00 03 75 c6")]


def test_unit_0_is_asked_and_answers(rtu_box):
    line, heard = rtu_box({rtu("00 03 01f9 0002"): rtu("00 03 04 0000 1234")})
    assert line.unit(0).read_holding(505, 2) == [0, 0x1234]
    assert heard == [bytes.fromhex("00 03 01 F9 00 02 14 17")]  # facts A1.2


@pytest.mark.parametrize(("data", "state"), [("ff00", True), ("0000", False)])
def test_a_coil_answered_with_two_bytes_is_read_by_its_first_bit(rtu_box, data, state):
    request = bytes.fromhex("00 01 01 92 00 01 5C 0A")  # facts A1.2, "Limited"
    line, _ = rtu_box({request: rtu(f"00 01 02 {data}")})
    assert line.unit(0).read_coils(402) == [state]


def test_coils_and_inputs_come_as_many_as_were_asked_for(rtu_box):
    line, _ = rtu_box(
        {rtu("01 01 0000 0008"): rtu("01 01 01 05"), rtu("02 02 0000 0003"): rtu("02 02 01 ff")}
    )
    assert line.unit(1).read_coils(0, 8) == [True, False, True] + [False] * 5
    assert line.unit(2).read_discrete_inputs(0, 3) == [True] * 3


def test_input_registers_are_read(rtu_box):
    line, _ = rtu_box({rtu("21 04 0010 0001"): rtu("21 04 02 00ff")})
    assert line.unit(33).read_input(16) == [255]


@pytest.mark.parametrize(
    ("call", "request_", "answer"),
    [
        (("write_coil", 0, True), "01 05 00 00 FF 00 8C 3A", None),
        (("write_coil", 405, False), "01 05 0195 0000", None),
        (("write_coil_raw", 0x200, 7), "01 05 02 00 00 07 8D B0", None),
        (("write_coil_raw", 3, 0x5500), "01 05 0003 5500", None),
        (("write_register", 500, 0xCCCC), "01 06 01f4 cccc", None),
        (("write_registers", 500, [1, 2]), "01 10 01f4 0002 04 0001 0002", "01 10 01f4 0002"),
        (("write_coils", 0, [True] * 8), "01 0F 00 00 00 08 01 FF BE D5", "01 0f 0000 0008"),
    ],
)
def test_writes_are_the_frames_of_the_manuals(rtu_box, call, request_, answer):
    frame = bytes.fromhex(request_)
    if crc(frame[:-2]) != frame[-2:]:
        frame = rtu(request_)
    line, heard = rtu_box({frame: rtu(answer) if answer else frame})
    name, *arguments = call
    getattr(line.unit(1), name)(*arguments)
    assert heard == [frame]


@pytest.mark.parametrize(
    ("code", "words"), [(2, "illegal address"), (7, "not acknowledged"), (0x17, "of the maker")]
)
def test_a_refusal_carries_the_boxs_code_and_words_and_keeps_the_connection(
    rtu_box, serve, code, words
):
    line, _ = rtu_box(
        {
            rtu("01 06 01f4 0001"): rtu(f"01 86 {code:02x}"),
            rtu("01 03 0000 0001"): rtu("01 03 02 0005"),
        }
    )
    unit = line.unit(1, name="pack")
    with pytest.raises(Refused, match=f"{words}") as caught:
        unit.write_register(500, 1)
    assert caught.value.code == code
    assert "write register 500 on pack at 127.0.0.1:" in str(caught.value)
    assert " unit 1:" in str(caught.value)
    assert unit.read_holding(0) == [5]


def test_a_silent_box_is_a_time_out_within_bounds(rtu_box):
    line, heard = rtu_box({})
    start = time.monotonic()
    with pytest.raises(LinkTimeout, match=r"sound answer within 0\.1 s, got nothing"):
        line.unit(1).read_holding(0)
    assert time.monotonic() - start < 3 * TIMEOUT_S
    assert len(heard) == 1  # not asked again


def test_a_late_answer_never_answers_the_next_request(serve, line_over):
    answers = {
        rtu("01 03 0016 0001"): rtu("01 03 02 0016"),
        rtu("01 03 0021 0001"): rtu("01 03 02 0021"),
    }

    def talk(connection, number):
        while request := connection.recv(300):
            if number == 1:
                time.sleep(1.5 * TIMEOUT_S)
            connection.sendall(answers[request])

    unit = line_over(RtuOverTcp("127.0.0.1", serve(talk).port)).unit(1)
    with pytest.raises(LinkTimeout):
        unit.read_holding(0x16)
    time.sleep(TIMEOUT_S)
    assert unit.read_holding(0x21) == [0x21]


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
    unit = line_over(RtuOverTcp("127.0.0.1", server.port)).unit(1)
    with pytest.raises(BenchError) as caught:
        unit.read_holding(0)
    assert not isinstance(caught.value, Refused)
    assert unit.read_holding(0) == [7]
    assert len(server.connections) == 2


def test_an_answer_of_another_unit_is_no_answer_of_unit_0(rtu_box):
    line, _ = rtu_box({rtu("00 03 0000 0001"): rtu("01 03 02 0005")})
    with pytest.raises(BenchError, match="01 03 02 00 05"):
        line.unit(0).read_holding(0)


def test_a_write_that_is_echoed_otherwise_is_an_error(rtu_box):
    line, _ = rtu_box({rtu("01 06 01f4 0001"): rtu("01 06 01f4 0002")})
    with pytest.raises(BenchError, match="echo of something else"):
        line.unit(1).write_register(500, 1)


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
    for _ in range(2):
        assert unit.read_holding(0) == [7]
        time.sleep(0.02)
    assert len(server.connections) == 2


def test_a_refused_port_is_a_closed_link(serve, line_over):
    server = serve(lambda _connection, _: None)
    server.stop_listening()
    with pytest.raises(LinkClosed, match="refused"):
        line_over(RtuOverTcp("127.0.0.1", server.port)).unit(1).read_holding(0)


def test_modbus_tcp_frames_carry_their_header(serve, line_over):
    def talk(connection, _):
        while request := connection.recv(300):
            assert request[2:] == bytes.fromhex("0000 0006 ff 03 0000 0002")
            connection.sendall(request[:2] + bytes.fromhex("0000 0007 ff 03 04 0001 0002"))

    unit = line_over(ModbusTcp("127.0.0.1", serve(talk).port)).unit(255)
    assert unit.read_holding(0, 2) == [1, 2]
    assert unit.read_holding(0, 2) == [1, 2]


def test_an_echo_in_modbus_tcp_is_an_echo(serve, line_over):
    def talk(connection, _):
        while request := connection.recv(300):
            connection.sendall(request)

    line_over(ModbusTcp("127.0.0.1", serve(talk).port)).unit(1).write_coil(3, True)


@pytest.mark.parametrize(
    "call",
    [
        lambda unit: unit.read_holding(0, 126),
        lambda unit: unit.read_holding(0, 0),
        lambda unit: unit.read_holding(70000),
        lambda unit: unit.write_register(0, 65536),
        lambda unit: unit.write_register(0, -1),
        lambda unit: unit.write_registers(0, []),
        lambda unit: unit.write_registers(0, [1] * 124),
        lambda unit: unit.write_coils(0, []),
        lambda unit: unit.write_coil_raw(0, 65536),
    ],
)
def test_what_fits_no_frame_is_the_authors_mistake_and_is_not_sent(rtu_box, call):
    line, heard = rtu_box({})
    with pytest.raises(UsageError, match="on bus at 127"):
        call(line.unit(1))
    assert heard == []


@pytest.mark.parametrize("unit_id", [-1, 256])
def test_a_unit_that_cannot_be_is_the_authors_mistake(rtu_box, unit_id):
    line, _ = rtu_box({})
    with pytest.raises(UsageError, match="0 to 255"):
        line.unit(unit_id)


def test_faults_are_raised_and_not_printed(rtu_box, capfd, caplog):
    line, _ = rtu_box({})
    logger = logging.getLogger("pymodbus")
    root_handlers, logging.root.handlers = logging.root.handlers, []
    try:
        with pytest.raises(LinkTimeout):
            line.unit(1).read_holding(0)
    finally:
        logging.root.handlers = root_handlers
    assert capfd.readouterr() == ("", "")
    assert logger.level == logging.NOTSET  # whoever wants its log may still have it


def test_the_transcript_holds_frames_and_refusals(rtu_box, transcript):
    request, answer = rtu("01 03 0000 0001"), rtu("01 83 02")
    line, _ = rtu_box({request: answer})
    with pytest.raises(Refused):
        line.unit(1, name="pack").read_holding(0)
    (exchange,) = transcript.exchanges
    assert (exchange.box, exchange.sent, exchange.received) == ("pack", request, answer)
    assert "illegal address" in exchange.error


@pytest.fixture
def relay_board(open_pty, line_over):
    """Return a serial line with a board whose answers come after ``delays``."""

    def make(answers, *, delays=(), pieces=1, **options):
        waits = iter(delays)

        def talk(far):
            while True:
                answer = answers(far.read(300))
                time.sleep(next(waits, 0.0))
                step = -(-len(answer) // pieces) or 1
                for start in range(0, len(answer), step):
                    far.write(answer[start : start + step])
                    if pieces > 1:
                        time.sleep(0.005)

        pty = open_pty(talk)
        return line_over(RtuSerial(pty.path), **options), pty

    return make


def registers_echoing_their_address(request):
    return rtu(f"{request[0]:02x} 03 02 {request[2:4].hex()}")


def test_a_serial_line_serves_many_units(relay_board):
    line, _ = relay_board(registers_echoing_their_address)
    for unit in (1, 2, 33):
        assert line.unit(unit).read_holding(unit + 100) == [unit + 100]


def test_a_serial_answer_in_pieces_is_one_answer(relay_board):
    line, _ = relay_board(registers_echoing_their_address, pieces=4)
    assert line.unit(1).read_holding(5) == [5]


def test_a_late_serial_answer_never_answers_the_next_read(relay_board):
    line, _ = relay_board(registers_echoing_their_address, delays=[1.5 * TIMEOUT_S])
    with pytest.raises(LinkTimeout):
        line.unit(1).read_holding(22)
    assert line.unit(1).read_holding(33) == [33]


def test_a_serial_write_after_a_failure_is_sent_without_waiting(relay_board):
    def answers(request):
        return request if request[1] == 5 else b""

    line, _ = relay_board(answers)
    with pytest.raises(LinkTimeout):
        line.unit(3).read_coils(0)
    start = time.monotonic()
    line.unit(1).write_coil(0, False)
    assert time.monotonic() - start < TIMEOUT_S / 2


def test_a_vanished_serial_port_is_a_closed_link(relay_board):
    line, pty = relay_board(registers_echoing_their_address)
    unit = line.unit(1)
    assert unit.read_holding(1) == [1]
    pty.vanish()
    for _ in range(2):
        with pytest.raises(LinkClosed):
            unit.read_holding(1)


def test_two_threads_share_a_line(relay_board):
    line, _ = relay_board(registers_echoing_their_address, timeout_s=2.0)
    wrong = []

    def ask(unit):
        for n in range(50):
            if line.unit(unit).read_holding(unit * 256 + n) != [unit * 256 + n]:
                wrong.append((unit, n))

    threads = [threading.Thread(target=ask, args=(unit,)) for unit in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert wrong == []


def test_any_bytes_at_all_end_in_an_answer_or_a_bench_error(serve, clock, wires):
    """Whatever comes, pymodbus' own mistakes never reach a driver."""
    answer = [b""]

    def talk(connection, _):
        if connection.recv(300):
            connection.sendall(answer[0])

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
        data = start + body
        answer[0] = data + crc(data) if sound else data
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


READ = rtu("01 03 01fb 0001")
LATE, OWN = rtu("01 03 02 1111"), rtu("01 03 02 2222")


@pytest.mark.parametrize("came", [LATE + OWN, OWN + OWN, OWN + b"\x01\x03"])
def test_an_answer_with_more_behind_it_is_refused(rtu_box, came):
    line, _ = rtu_box({READ: came})
    with pytest.raises(BenchError, match=r"an answer of 7 bytes and \d bytes more"):
        line.unit(1).read_holding(507)


@pytest.mark.parametrize("before", [rtu("07 03 02 1111"), b"\x00", b"\xff\xff"])
def test_an_answer_with_something_before_it_is_refused(rtu_box, before):
    line, _ = rtu_box({READ: before + OWN})
    with pytest.raises(BenchError):
        line.unit(1).read_holding(507)


@pytest.mark.parametrize("size", [1, 8, 125])
def test_the_size_of_an_answer_is_that_of_what_was_asked(rtu_box, size):
    request = rtu(f"01 03 0000 {size:04x}")
    line, _ = rtu_box({request: rtu(f"01 03 {2 * size:02x}" + "0a0b" * size)})
    assert line.unit(1).read_holding(0, size) == [0x0A0B] * size
