"""Modbus on a socket: what leaves and what comes back, as literal frames."""

import pytest
from rtu_frames import crc, rtu

from instruments.errors import Refused, UsageError
from instruments.links import ModbusTcp


def test_a_block_of_registers_is_read(rtu_box):
    line, heard = rtu_box({rtu("01 03 01fb 0003"): rtu("01 03 06 0001 8000 ffff")})
    assert line.unit(1).read_holding(507, 3) == [1, 0x8000, 0xFFFF]
    assert heard == [bytes.fromhex("01 03 01 fb 00 03 75 c6")]


@pytest.mark.parametrize("size", [1, 8, 125])
def test_the_size_of_an_answer_is_that_of_what_was_asked(rtu_box, size):
    request = rtu(f"01 03 0000 {size:04x}")
    line, _ = rtu_box({request: rtu(f"01 03 {2 * size:02x}" + "0a0b" * size)})
    assert line.unit(1).read_holding(0, size) == [0x0A0B] * size


def test_input_registers_are_read(rtu_box):
    line, _ = rtu_box({rtu("21 04 0010 0001"): rtu("21 04 02 00ff")})
    assert line.unit(33).read_input(16) == [255]


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


def test_the_transcript_holds_frames_and_refusals(rtu_box, transcript):
    request, answer = rtu("01 03 0000 0001"), rtu("01 83 02")
    line, _ = rtu_box({request: answer})
    with pytest.raises(Refused):
        line.unit(1, name="pack").read_holding(0)
    (exchange,) = transcript.exchanges
    assert (exchange.box, exchange.sent, exchange.received) == ("pack", request, answer)
    assert "illegal address" in exchange.error
