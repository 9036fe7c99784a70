"""Definite-length blocks: whole or not at all, with line feeds inside, fast when big."""

import random
import time
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import BenchError, LinkClosed, LinkTimeout
from instruments.links.blocks import block_end, payload
from instruments.links.garbled import GarbledError

TIMEOUT_S = 0.1


def block(data):
    length = b"%d" % len(data)
    return b"#%d%s%s" % (len(length), length, data)


@pytest.fixture
def link_to(link_to):
    return partial(link_to, name="scope", timeout_s=TIMEOUT_S)


@given(data=st.binary(max_size=2000), cut=st.integers(0, 2000))
def test_a_block_ends_where_its_header_says_and_nowhere_else(data, cut):
    whole = block(data)
    assert payload(whole) == data
    assert payload(whole + b"\n#") == data
    start = whole[:cut]
    end = block_end(start)
    assert end is None or end == len(whole)
    if cut < len(whole):
        with pytest.raises(GarbledError):
            payload(start)


@pytest.mark.parametrize("text", [b"#0abc\n", b"1.5\n", b"#2x1abc", b"#A", b" #13abc"])
def test_what_is_no_definite_length_block_is_said_to_be_none(text):
    with pytest.raises(GarbledError):
        block_end(text)


def test_line_feeds_and_hashes_inside_are_data(serve, link_to):
    data = b"\n#\n\r\n1\n" * 3
    link = link_to(serve(answers={"CURV?": block(data) + b"\n", "A?": b"1\n"}))
    assert link.query_block("CURV?") == data
    assert link.query("A?") == "1"


def test_an_empty_block_is_empty(serve, link_to):
    assert link_to(serve(answers={"CURV?": b"#10\n"})).query_block("CURV?") == b""


@pytest.mark.parametrize("cut", [1, 2, 5, 700, 1006])
def test_a_torn_block_is_never_data(serve, link_to, lines_of, cut):
    whole = block(bytes(1000)) + b"\n"

    def talk(connection, number):
        for _line in lines_of(connection):
            if number == 1:
                connection.sendall(whole[:cut])
                return  # closes
            connection.sendall(whole)

    link = link_to(serve(talk))
    with pytest.raises(LinkClosed, match=f"got {cut} bytes"):
        link.query_block("CURV?")
    assert link.query_block("CURV?") == bytes(1000)


def test_a_block_that_stops_coming_is_a_time_out(serve, link_to):
    link = link_to(serve(answers={"CURV?": b"#41000" + bytes(500), "A?": b"1\n"}))
    with pytest.raises(LinkTimeout):
        link.query_block("CURV?")
    assert link.query("A?") == "1"


def test_an_error_text_instead_of_a_block_is_shown(serve, link_to):
    link = link_to(serve(answers={"CURV?": b"-222,out of range\n", "A?": b"1\n"}))
    with pytest.raises(BenchError, match="-222,out of range"):
        link.query_block("CURV?")
    assert link.query("A?") == "1"


def test_more_than_a_block_is_not_cut_to_one(serve, link_to):
    link = link_to(serve(answers={"CURV?": b"#13abc;1\n"}))
    with pytest.raises(BenchError, match="followed by"):
        link.query_block("CURV?")


def test_sixteen_megabytes_come_whole_and_fast(serve, link_to):
    data = random.Random(1).randbytes(16 << 20)
    link = link_to(serve(answers={"CURV?": block(data) + b"\n"}), timeout_s=2.0)
    start = time.monotonic()
    assert link.query_block("CURV?") == data
    assert time.monotonic() - start < 1.0  # about 0.02 s on an idle machine


def test_the_transcript_keeps_the_beginning_and_a_digest_of_a_long_block(
    serve, link_to, transcript
):
    link = link_to(serve(answers={"CURV?": block(bytes(5000)) + b"\n"}))
    link.query_block("CURV?")
    assert "(5007 bytes, sha256 " in transcript.text()
    assert len(transcript.exchanges[0].received) < 100


def test_a_long_block_is_read_while_the_box_goes_on_sending(serve, link_to, fake_wires):
    link = link_to(serve(answers={"CURV?": block(bytes(5000)) + b"\n"}), wires=fake_wires)
    link.query_block("CURV?")
    calls = fake_wires.one.calls
    assert calls == ["ready", "blocking", "over", ("sent", 6), "blocking", "over", "settle"]
