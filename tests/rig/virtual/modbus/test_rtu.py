from itertools import pairwise

import pytest
from box_client import RecordedLine
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.modbus import RtuLine, Unit, seal


class Echo(Unit):
    """Answers every register with its own address; remembers what was written."""

    def __init__(self, delay_s=0.0):
        self.delay_s = delay_s
        self.written = []

    def read_holding(self, address, count):
        return [(address + index) & 0xFFFF for index in range(count)]

    def write_register(self, address, value):
        self.written.append((address, value))

    def write_registers(self, address, values):
        self.written.append((address, *values))


READ_7 = seal(bytes.fromhex("01 03 0007 0001"))
REPLY_7 = seal(bytes.fromhex("01 03 02 0007"))


@pytest.fixture
def clock():
    return VirtualClock()


def connect(clock, units=None, **options):
    line = RecordedLine()
    return line, RtuLine(units or {1: Echo()}, clock, **options)(line)


def test_a_sound_frame_is_answered(clock):
    line, session = connect(clock)
    session.received(READ_7)
    assert line.sent == REPLY_7


def test_a_wrong_crc_and_a_foreign_address_stay_unanswered(clock):
    line, session = connect(clock)
    session.received(READ_7[:-1] + bytes([READ_7[-1] ^ 1]))
    session.received(seal(bytes.fromhex("02 03 0007 0001")))
    assert line.sent == b""


def test_a_line_with_garbage_finds_the_next_frame(clock):
    line, session = connect(clock)
    session.received(b"\xff\xfe\x01\x03\x99" + READ_7)
    assert line.sent == REPLY_7


def test_a_frame_left_incomplete_is_forgotten_after_the_silence(clock):
    line, session = connect(clock, silence_s=0.05)
    session.received(bytes.fromhex("01 10 0000 0078 F0"))
    clock.sleep_until(0.2)
    session.received(READ_7)
    assert line.sent == REPLY_7


def test_two_requests_in_one_piece_get_two_replies(clock):
    line, session = connect(clock)
    session.received(READ_7 + READ_7)
    assert line.sent == REPLY_7 * 2


def test_an_unknown_function_is_refused_with_01(clock):
    line, session = connect(clock)
    session.received(seal(bytes.fromhex("01 2B 0E 01 00")))
    assert line.sent == seal(bytes.fromhex("01 AB 01"))


def test_a_broadcast_is_obeyed_by_all_and_answered_by_none(clock):
    deaf = Echo()
    deaf.obeys_broadcast = False
    units = {1: Echo(), 2: Echo(), 3: deaf}
    line, session = connect(clock, units)
    session.received(seal(bytes.fromhex("00 06 0001 0005")))
    assert [unit.written for unit in units.values()] == [[(1, 5)], [(1, 5)], []]
    assert line.sent == b""


def test_a_unit_put_at_address_0_is_answered(clock):
    line, session = connect(clock, {0: Echo()})
    session.received(seal(bytes.fromhex("00 03 0007 0001")))
    assert line.sent == seal(bytes.fromhex("00 03 02 0007"))


def test_a_unit_that_was_readdressed_answers_there_only(clock):
    unit = Echo()
    line, session = connect(clock, {1: unit})
    unit.unit_id = 9
    session.received(READ_7)
    assert line.sent == b""
    session.received(seal(bytes.fromhex("09 03 0007 0001")))
    assert line.sent == seal(bytes.fromhex("09 03 02 0007"))


def test_bytes_both_ways_and_the_delay_of_the_box_are_charged(clock):
    line, session = connect(clock, {1: Echo(delay_s=0.002)}, baud=9600)
    session.received(READ_7)
    assert line.charged_s == pytest.approx((8 + 7) * 10 / 9600 + 0.002)


def test_an_unanswered_request_costs_its_own_bytes(clock):
    line, session = connect(clock, baud=9600)
    session.received(seal(bytes.fromhex("05 03 0007 0001")))
    assert line.charged_s == pytest.approx(8 * 10 / 9600)


def feed(pieces):
    line, session = connect(VirtualClock())
    for piece in pieces:
        session.received(piece)
    return line.sent


requests = st.one_of(
    st.builds(
        lambda unit, address, count: seal(
            bytes([unit, 3]) + address.to_bytes(2, "big") + count.to_bytes(2, "big")
        ),
        st.integers(0, 3),
        st.integers(0, 0xFFFF),
        st.integers(0, 200),
    ),
    st.builds(
        lambda values: seal(bytes([1, 16, 0, 0, 0, len(values) // 2, len(values)]) + values),
        st.binary(max_size=60),
    ),
    st.builds(lambda data: seal(b"\x01\x44" + data), st.binary(max_size=20)),
    st.binary(max_size=20),
)


@settings(deadline=None)
@given(st.lists(requests, max_size=6), st.data())
def test_splits_do_not_matter(sent, data):
    stream = b"".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    edges = [0, *cuts, len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert feed(pieces) == feed([stream])


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=4))
def test_no_bytes_crash_a_line_and_it_answers_again_after_the_silence(garbage):
    clock = VirtualClock()
    line, session = connect(clock)
    for piece in garbage:
        session.received(piece)
    clock.sleep_until(1.0)
    line.sent = b""
    session.received(READ_7)
    assert line.sent == REPLY_7
