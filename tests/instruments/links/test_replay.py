"""Recorded conversations replayed through the links' own code."""

from dataclasses import replace

import pytest
from pymodbus.framer import FramerRTU

from instruments.errors import BenchError, LinkClosed, LinkTimeout, Refused, UsageError
from instruments.links import Exchange
from instruments.links.notes import LOST_WITH_IT
from instruments.links.replay import ReplayedLine, ReplayedVisa, ReplayMismatchError

SOCKET = "TCPIP0::10.0.0.7::5025::SOCKET"
SERIAL = "ASRL/dev/ttyUSB0::INSTR"
HISLIP = "TCPIP0::10.0.0.7::hislip0,4880::INSTR"


def said(sent, received=b"", error=None, *, address=SOCKET, t_s=1.5):
    return Exchange(t_s, "load_a", address, sent, received, error)


def rtu(frame):
    data = bytes.fromhex(frame)
    return data + FramerRTU.compute_CRC(data).to_bytes(2, "big")


def modbus(sent, received, error=None, *, address="10.0.0.9:502 unit 17"):
    return Exchange(2.5, "controller", address, sent, received, error)


@pytest.fixture
def visa(clock):
    return lambda *exchanges: ReplayedVisa(exchanges, clock=clock)


@pytest.fixture
def unit(clock):
    return lambda *exchanges: ReplayedLine(exchanges, clock=clock).only_unit()


@pytest.mark.parametrize("address", [SOCKET, SERIAL, HISLIP])
def test_what_was_said_is_said_again(visa, address):
    exchanges = [
        said(b"CURR 5\n", address=address),
        said(b"CURR?\n", b"5.0\n", address=address),
        said(b"CURV?\n", b"#14ab\nc\n", address=address),
    ]
    with visa(*exchanges) as link:
        link.write("CURR 5")
        assert link.query("CURR?") == "5.0"
        assert link.query_block("CURV?") == b"ab\nc"
    assert (link.name, link.address) == ("load_a", address)


def test_another_message_is_refused_with_the_difference(visa):
    link = visa(said(b"CURR 5.00\n"), said(b"CURR?\n", b"5\n"))
    with pytest.raises(
        ReplayMismatchError,
        match=r"replay of load_a, exchange 1 of 2 \(t = 1\.500000 s\): expected 'CURR 5\.00\\n', "
        r"got 'CURR 5\.01\\n'; they differ from byte 8 on",
    ):
        link.write("CURR 5.01")


def test_the_order_counts(visa):
    link = visa(said(b"A?\n", b"1\n"), said(b"B?\n", b"2\n"))
    with pytest.raises(ReplayMismatchError, match="differ from byte 0 on"):
        link.query("B?")


def test_one_message_more_is_refused(visa):
    link = visa(said(b"A?\n", b"1\n"))
    link.query("A?")
    with pytest.raises(ReplayMismatchError, match=r"the record ends, but 'A\?\\n' came"):
        link.query("A?")


def test_one_message_less_is_refused_at_the_end(visa):
    with (
        pytest.raises(ReplayMismatchError, match=r"expected 'B\?\\n' next, but nothing more came"),
        visa(said(b"A?\n", b"1\n"), said(b"B?\n", b"2\n")) as link,
    ):
        link.query("A?")


def test_an_error_of_the_test_itself_is_not_hidden_by_what_is_left(visa):
    with pytest.raises(ZeroDivisionError), visa(said(b"A?\n", b"1\n")):
        raise ZeroDivisionError


@pytest.mark.parametrize("address", [SOCKET, HISLIP])
def test_failures_come_again_as_the_kind_they_were(visa, address):
    link = visa(
        said(b"A?\n", b"", "LinkTimeout: timed out", address=address),
        said(b"", b"", "could not be opened: nobody there", address=address),
        said(b"A?\n", b"", "LinkClosed: reset by peer", address=address),
        said(b"SET 1\n", b"", "LinkClosed: broken pipe", address=address),
        said(b"A?\n", b"back\n", address=address),
    )
    with pytest.raises(LinkTimeout):
        link.query("A?")
    with pytest.raises(LinkClosed, match="nobody there"):
        link.query("A?")
    with pytest.raises(LinkClosed, match="reset by peer"):
        link.query("A?")
    with pytest.raises(LinkClosed, match="broken pipe"):
        link.write("SET 1")
    assert link.query("A?") == "back"


def test_half_an_answer_is_waited_for_in_vain_again(visa):
    link = visa(said(b"A?\n", b"12.", "LinkTimeout: timed out"))
    with pytest.raises(LinkTimeout, match=r"3 bytes '12\.'"):
        link.query("A?")


def test_a_garbled_answer_is_refused_again(visa):
    link = visa(said(b"A?\n", b"1\n2\n", "BenchError: more than one answer"))
    with pytest.raises(BenchError, match="more than one answer"):
        link.query("A?")


def test_a_serial_line_finds_back_into_step_as_it_did(visa):
    link = visa(
        said(b"A?\n", b"", "LinkTimeout: no sound answer in time", address=SERIAL),
        said(b"*IDN?\n", b"", "LinkTimeout: no sound answer in time", address=SERIAL),
        said(b"*STB?\n", b"ACME,Box,0,1\n1\n", "read away before 'A?'", address=SERIAL),
        said(b"A?\n", b"new\n", address=SERIAL),
    )
    for _ in range(2):
        with pytest.raises(LinkTimeout):
            link.query("A?")
    assert link.query("A?") == "new"


def test_a_record_that_begins_after_a_failure_can_be_replayed(visa):
    link = visa(
        said(b"*IDN?\n", b"old\nA,B,C,D\n", "read away before 'A?'", address=SERIAL),
        said(b"A?\n", b"1\n", address=SERIAL),
    )
    assert link.query("A?") == "1"


def test_notes_of_the_link_are_no_exchanges(visa):
    link = visa(
        said(b"A?\n", b"1\n"),
        said(b"", b"", "the connection had ended; opened anew"),
        said(b"B?\n", b"2\n"),
    )
    assert [link.query("A?"), link.query("B?")] == ["1", "2"]


@pytest.mark.parametrize("address", [SOCKET, HISLIP])
def test_a_message_that_was_lost_with_its_connection_is_lost_again(visa, address):
    link = visa(
        said(b"SET 1\n", address=address),
        said(b"", b"", LOST_WITH_IT, address=address),
        said(b"SET 1\n", address=address),
        said(b"SET?\n", b"1\n", address=address),
    )
    link.write("SET 1")
    with pytest.raises(LinkClosed):
        link.query("SET?")
    link.write("SET 1")
    assert link.query("SET?") == "1"


@pytest.mark.parametrize("address", [SOCKET, SERIAL, HISLIP])
def test_an_abbreviated_block_is_a_usage_error(visa, address):
    link = visa(said(b"CURV?\n", b"#3500abc", address=address))
    with pytest.raises(UsageError, match=r"answer to 'CURV\?\\n' ends after 8 bytes.*abbreviated"):
        link.query_block("CURV?")


def test_nothing_cannot_be_replayed(visa):
    with pytest.raises(UsageError, match="at least one exchange"):
        visa()


class TestModbus:
    """The same for registers."""

    def test_requests_and_answers_are_those_of_the_record(self, unit):
        box = unit(
            modbus(rtu("11 03 0005 0001"), rtu("11 03 02 1770")),
            modbus(rtu("11 04 0010 0002"), rtu("11 04 04 0001 FFFF")),
            modbus(rtu("11 06 0005 1388"), rtu("11 06 0005 1388")),
        )
        assert box.read_holding(5) == [6000]
        assert box.read_input(16, 2) == [1, 65535]
        box.write_register(5, 5000)
        assert (box.name, box.address) == ("controller", "10.0.0.9:502 unit 17")

    def test_another_request_is_refused_with_the_difference(self, unit):
        box = unit(modbus(rtu("11 03 0005 0001"), rtu("11 03 02 1770")))
        with pytest.raises(ReplayMismatchError, match=r"exchange 1 of 1 .* from byte 3 on"):
            box.read_holding(6)

    def test_refusals_silence_and_loss_come_again(self, unit):
        ask = rtu("11 03 0005 0001")
        box = unit(
            modbus(ask, rtu("11 83 02"), "exception 2 (illegal address)"),
            modbus(ask, b"", "LinkTimeout: no sound answer in time"),
            modbus(b"", b"", "could not be opened: refused"),
            modbus(ask, b"", "LinkClosed: the box closed the connection"),
            modbus(ask, rtu("11 03 02 1770")[:-1], "LinkTimeout: no sound answer in time"),
            modbus(ask, rtu("11 03 02 1770")),
        )
        for error, words in (
            (Refused, "illegal address"),
            (LinkTimeout, "nothing"),
            (LinkClosed, "refused"),
            (LinkClosed, "closed the connection"),
            (LinkTimeout, "6 bytes 11 03 02"),
        ):
            with pytest.raises(error, match=words):
                box.read_holding(5)
        assert box.read_holding(5) == [6000]

    def test_a_serial_line_has_no_port_number(self, unit):
        box = unit(
            modbus(rtu("21 03 0005 0001"), rtu("21 03 02 1770"), address="/dev/ttyUSB1 unit 33")
        )
        assert box.read_holding(5) == [6000]
        assert box.address == "/dev/ttyUSB1 unit 33"

    def test_frame_numbers_of_modbus_tcp_may_differ(self, unit):
        box = unit(
            modbus(
                bytes.fromhex("4711 0000 0006 11 03 0005 0001"),
                bytes.fromhex("4711 0000 0005 11 03 02 1770"),
            ),
            modbus(
                bytes.fromhex("4712 0000 0006 11 03 0006 0001"),
                bytes.fromhex("4712 0000 0005 11 03 02 0001"),
            ),
        )
        assert [box.read_holding(5), box.read_holding(6)] == [[6000], [1]]

    def test_a_lost_exchange_shows_in_what_follows(self, unit):
        first = modbus(rtu("11 03 0005 0001"), rtu("11 03 02 1770"))
        box = unit(first, replace(first, sent=rtu("11 03 0007 0001")))
        box.read_holding(5)
        with pytest.raises(ReplayMismatchError, match="exchange 2 of 2"):
            box.read_holding(5)


def test_a_record_of_a_box_with_gaps_is_replayed_without_them(visa):
    link = visa(
        said(b"VOLT 12\n", b""),
        said(b"OUTP ON\n", b""),
        said(b"VOLT?;:SYST:ERR?\n", b'12;0,"No error"\n'),
    )
    assert link.query("VOLT?;:SYST:ERR?", after=["VOLT 12", "OUTP ON"]) == '12;0,"No error"'


def test_a_setting_that_differs_is_still_found_in_one_piece_with_its_question(visa):
    link = visa(said(b"VOLT 12\n", b""), said(b"VOLT?\n", b"12\n"))
    with pytest.raises(ReplayMismatchError, match=r"expected 'VOLT 12\\n', got 'VOLT 13\\nVOLT"):
        link.query("VOLT?", after=["VOLT 13"])
