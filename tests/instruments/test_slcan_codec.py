import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.capabilities import CanFrame
from instruments.errors import UsageError
from instruments.slcan_codec import (
    MOST_MS,
    Answer,
    SlcanStream,
    StampedFrame,
    decode_frame,
    encode_frame,
)
from instruments.slcan_stamps import StampClock


@st.composite
def frames(draw):
    extended, remote = draw(st.booleans()), draw(st.booleans())
    identifier = draw(st.integers(0, 0x1FFF_FFFF if extended else 0x7FF))
    if remote:
        length = draw(st.integers(0, 8))
        return CanFrame(identifier, extended=extended, remote=True, remote_length=length)
    return CanFrame(identifier, draw(st.binary(max_size=8)), extended=extended)


STAMPS = st.none() | st.integers(0, MOST_MS - 1)
TEXTS = st.from_regex(r"[VNF][0-9A-Fa-f]{1,8}", fullmatch=True)


def on_the_wire(found):
    if isinstance(found, Answer):
        return (found.text.encode() + b"\r") if found.accepted else b"\x07"
    stamp = b"" if found.stamp_ms is None else b"%04X" % found.stamp_ms
    return encode_frame(found.frame)[:-1] + stamp + b"\r"


THINGS = (
    st.builds(StampedFrame, frames(), STAMPS)
    | st.builds(Answer, st.just(value=True), TEXTS)
    | st.sampled_from([Answer(accepted=True), Answer(accepted=False)])
)


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        (CanFrame(0x102, b"\x0f\x02\x64\x00\x00\x00\x0a\x00"), b"t10280F02640000000A00\r"),
        (CanFrame(0, b""), b"t0000\r"),
        (CanFrame(0x1FFF_FFFF, b"\xab", extended=True), b"T1FFFFFFF1AB\r"),
        (CanFrame(0x7FF, remote=True, remote_length=8), b"r7FF8\r"),
        (CanFrame(0x12, extended=True, remote=True), b"R000000120\r"),
    ],
)
def test_frames_have_their_lines(frame, line):
    assert encode_frame(frame) == line
    assert decode_frame(line[:-1]).frame == frame


@given(frames(), STAMPS)
def test_every_frame_survives_the_line_with_its_stamp(frame, stamp_ms):
    line = on_the_wire(StampedFrame(frame, stamp_ms))[:-1]
    assert decode_frame(line) == StampedFrame(frame, stamp_ms)
    assert decode_frame(line[:1] + line[1:].lower()) == StampedFrame(frame, stamp_ms)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"t",
        b"x1231AA",
        b"t12",
        b"t1239" + b"00" * 9,
        b"t1232AA",
        b"t1231AABB",
        b"t1231AA1",
        b"t8001AA",
        b"t12 1AA",
        b"T200000001AA",
        b"t1231AAEA60",
        b"t123-1",
        b"r1232AABB1",
    ],
)
def test_what_is_no_frame_is_a_value_error(line):
    with pytest.raises(ValueError, match=r"\w"):
        decode_frame(line)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_frame_that_encodes_to_them_or_a_value_error(line):
    try:
        found = decode_frame(line)
    except ValueError:
        return
    assert on_the_wire(found)[:-1].upper() == line.upper()


@given(st.lists(THINGS, max_size=20), st.data())
def test_a_stream_cut_anywhere_is_taken_apart_the_same(things, data):
    wire = b"".join(on_the_wire(each) for each in things)
    stream, found = SlcanStream(), []
    while wire:
        size = data.draw(st.integers(1, len(wire)))
        found += stream.feed(wire[:size])
        wire = wire[size:]
    assert found == things


def test_acknowledgements_of_sent_frames_are_answers():
    assert list(SlcanStream().feed(b"z\rZ\r\r\x07")) == [
        Answer(accepted=True),
        Answer(accepted=True),
        Answer(accepted=True),
        Answer(accepted=False),
    ]


@pytest.mark.parametrize("bad", [b"t12x1AA\r", b"\xff\r", b"t1231AA\x07", b"t" * 70])
def test_a_bad_line_is_a_value_error_once_and_what_follows_is_kept(bad):
    stream = SlcanStream()
    with pytest.raises(ValueError, match=r"\w"):
        list(stream.feed(bad))
    assert list(stream.feed(b"V1013\r")) == [Answer(accepted=True, text="V1013")]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"identifier": 0x800}, "identifier must be 0 to 0x7ff"),
        ({"identifier": -1}, "identifier must be 0"),
        ({"identifier": 0x2000_0000, "extended": True}, "0 to 0x1fffffff"),
        ({"identifier": 1, "data": bytes(9)}, "at most 8 bytes"),
        ({"identifier": 1, "data": b"\0", "remote": True}, "carries no data"),
        ({"identifier": 1, "remote": True, "remote_length": 9}, "remote_length must be 0 to 8"),
        ({"identifier": 1, "remote_length": 2}, "for remote frames"),
    ],
)
def test_an_impossible_frame_is_an_error_of_the_plan(fields, words):
    with pytest.raises(UsageError, match=words):
        CanFrame(**fields)


def test_a_frame_is_the_same_whenever_it_came():
    assert CanFrame(1, b"\1", t_s=1.0) == CanFrame(1, b"\1", t_s=2.0) == CanFrame(1, b"\1")


@given(
    st.lists(st.tuples(st.floats(0.001, 150.0), st.floats(0.0, 0.02)), min_size=1, max_size=60),
    st.floats(0.0, 60.0),
    st.floats(-50e-6, 50e-6),
)
def test_stamps_are_placed_where_the_frames_were(steps, begin_s, drift):
    """Each frame is read up to 20 ms late; the clocks differ by at most 50 ppm."""
    clock, true_s, read_s, placed_before = StampClock(), 0.0, 0.0, 0.0
    for gap_s, late_s in steps:
        true_s += gap_s
        read_s = max(read_s, true_s + late_s)
        stamp_ms = int((begin_s + true_s * (1 + drift)) * 1000) % MOST_MS
        placed = clock.place(stamp_ms, read_s)
        assert placed_before <= placed <= read_s + 1e-9
        # At most three minutes of drift and a millisecond of rounding before the truth.
        assert placed >= true_s - 0.0105
        placed_before = placed


def test_a_frame_read_late_is_placed_by_the_frames_read_at_once():
    clock = StampClock()
    assert clock.place(59_900, 10.0) == 10.0
    assert clock.place(100, 10.9) == pytest.approx(10.2)
    assert clock.place(200, 11.0) == pytest.approx(10.3)
    assert clock.place(300, 10.4) == pytest.approx(10.4)
