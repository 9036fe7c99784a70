"""Where program messages end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.virtual.wires.splitter import MessageTooLongError, Splitter


def block(data: bytes) -> bytes:
    length = str(len(data)).encode()
    return b"#" + str(len(length)).encode() + length + data


text = st.binary(min_size=1, max_size=8).map(
    lambda raw: bytes(byte for byte in raw if byte not in b"\r\n#\"'")
)
units = st.one_of(text, st.binary(max_size=40).map(block), st.just(b'"no #12 block"'))
messages = st.lists(units, min_size=1, max_size=5).map(b"".join).filter(bool)


@given(st.lists(messages, max_size=6), st.sampled_from([b"\n", b"\r\n"]), st.data())
def test_messages_survive_any_split_of_the_stream(sent, terminator, data):
    stream = b"".join(message + terminator for message in sent)
    splitter, got, at = Splitter(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        got += splitter.feed(stream[at : at + size])
        at += size
    assert got == sent


@given(st.binary(max_size=300))
def test_any_bytes_are_cut_without_loss_of_anything_but_terminators(noise):
    splitter = Splitter()
    kept = b"".join(splitter.feed(noise) + splitter.finish())
    assert kept.translate(None, b"\r\n") == noise.translate(None, b"\r\n")


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"\n\r\n*RST\n", [b"*RST"]),
        (b"VAL #HFF\nB\n", [b"VAL #HFF", b"B"]),
        (b"DATA #0abc\nB\n", [b"DATA #0abc", b"B"]),
        (b"DATA #1x\nB\n", [b"DATA #1x", b"B"]),
        (b"DATA #13ab\r\r\n", [b"DATA #13ab\r"]),
        (b"SAY 'don\nB #13\n\n\n\n", [b"SAY 'don", b"B #13\n\n\n"]),
        (b"SAY \"it's #13 o'clock\"\nB\n", [b"SAY \"it's #13 o'clock\"", b"B"]),
    ],
)
def test_what_looks_like_a_block_and_is_none_ends_at_its_line_feed(stream, expected):
    assert Splitter().feed(stream) == expected


def test_a_message_beyond_the_limit_is_refused_and_forgotten():
    splitter = Splitter(limit=8)
    with pytest.raises(MessageTooLongError):
        splitter.feed(b"123456789")
    assert splitter.feed(b"12\n") == [b"12"]


def test_a_block_that_announces_more_than_the_limit_is_refused_when_it_comes():
    splitter = Splitter(limit=100)
    assert splitter.feed(b"DATA #9999999999") == []
    with pytest.raises(MessageTooLongError):
        splitter.feed(b"\n" * 100)
