from itertools import pairwise

import pytest
from box_client import RecordedLine
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.virtual.modbus import Unit, mbap_service


class Echo(Unit):
    delay_s = 0.003

    def read_holding(self, address, count):
        return [address + index for index in range(count)]


REQUEST = bytes.fromhex("1234 0000 0006 01 03 0007 0002")
REPLY = bytes.fromhex("1234 0000 0007 01 03 04 0007 0008")


def connect():
    line = RecordedLine()
    return line, mbap_service({1: Echo()}, delay_s=0.001)(line)


def test_the_transaction_comes_back():
    line, session = connect()
    session.received(REQUEST)
    assert line.sent == REPLY
    assert line.charged_s == pytest.approx(0.004)


@given(st.lists(st.integers(0, len(REQUEST) * 2), max_size=5))
def test_splits_do_not_matter(cuts):
    line, session = connect()
    stream = REQUEST * 2
    edges = [0, *sorted(cuts), len(stream)]
    for a, b in pairwise(edges):
        session.received(stream[a:b])
    assert line.sent == REPLY * 2


def test_an_absent_unit_is_answered_as_by_a_gateway():
    line, session = connect()
    session.received(bytes.fromhex("0001 0000 0006 09 03 0007 0002"))
    assert line.sent == bytes.fromhex("0001 0000 0003 09 83 0B")


@pytest.mark.parametrize("header", ["0001 0001 0006 01", "0001 0000 0001 01", "0001 0000 0100 01"])
def test_a_header_that_is_not_modbus_closes_the_connection(header):
    line, session = connect()
    session.received(bytes.fromhex(header))
    assert not line.open
    session.received(REQUEST)
    assert line.sent == b""


@settings(deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=5))
def test_no_bytes_crash_it(pieces):
    line, session = connect()
    for piece in pieces:
        session.received(piece)
    assert len(line.sent) < 10_000
