"""A transcript is bounded, readable, and shows every byte or says how many it left out."""

import doctest
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from instruments.links import Exchange, Transcript, render
from instruments.links import transcript as module
from instruments.links.transcript import escaped


def exchange(t_s=0.0, box="load_a", sent=b"", received=b"", error=None):
    return Exchange(t_s, box, "somewhere", sent, received, error)


@given(st.binary(max_size=300))
def test_escaped_text_prints_and_can_be_read_back(data):
    text = escaped(data)
    assert text.isascii()
    assert text.isprintable() or not text
    assert text.encode("ascii").decode("unicode_escape").encode("latin-1") == data


def test_an_exchange_is_a_line_for_each_side_and_one_for_what_went_wrong():
    text = render(exchange(2.5, sent=b"MEAS?\n", received=b"1\xff", error="no answer in time"))
    assert text.splitlines() == [
        "2.500000 load_a > MEAS?\\n",
        "2.500000 load_a < 1\\xff",
        "2.500000 load_a ! no answer in time",
    ]


def test_long_answers_are_their_beginning_length_and_digest():
    data = b"#41000" + bytes(1000) + b"\n"
    transcript = Transcript()
    transcript(exchange(sent=b"CURV?\n", received=data))
    digest = hashlib.sha256(data).hexdigest()[:16]
    assert f"(1007 bytes, sha256 {digest}...)" in transcript.text()
    assert f"(1007 bytes, sha256 {digest}...)" in render(exchange(received=data))
    assert len(transcript.text()) < 400


def test_long_commands_are_abbreviated_too():
    assert len(render(exchange(sent=b"1," * 5000))) < 400


def test_the_oldest_exchanges_make_room_for_the_latest():
    transcript = Transcript(limit=3)
    for n in range(10):
        transcript(exchange(float(n), received=bytes(1000) if n % 2 else b"1\n"))
    assert [e.t_s for e in transcript.exchanges] == [7.0, 8.0, 9.0]
    assert len(transcript) == 3
    assert [line[:8] for line in transcript.text().splitlines()] == [
        "7.000000",
        "8.000000",
        "9.000000",
    ]


def test_the_text_may_be_that_of_one_box():
    transcript = Transcript()
    transcript(exchange(box="load_a", sent=b"A\n"))
    transcript(exchange(box="load_b", sent=b"B\n"))
    assert transcript.text("load_b") == "0.000000 load_b > B\\n"


def test_the_examples_in_the_module_hold():
    assert (
        doctest.testmod(module, raise_on_error=True, extraglobs={"Exchange": Exchange}).failed == 0
    )
