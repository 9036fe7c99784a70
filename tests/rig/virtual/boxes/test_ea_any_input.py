"""EA PSB 10000: properties that hold for any bytes, any split of them and any value."""

from ea_bench import EaBench
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.virtual.modbus import seal

MESSAGES = st.sampled_from(
    [
        seal(bytes.fromhex("0003 01F9 0002")),
        seal(bytes.fromhex("0005 0192 FF00")),
        seal(bytes.fromhex("0006 01F4 1234")),
        seal(bytes.fromhex("0010 00AB 0002 04 41424344")),
        b"*IDN?\n",
        b"SYST:LOCK ON;VOLT 12.5V\r\n",
        b"MEAS:ARR?;FOO\n",
        b"SYST:ERR:ALL?\n",
        b"\n",
        b"X" * 400 + b"\n",
    ]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(MESSAGES, max_size=8), st.data())
def test_splits_do_not_matter(sent, data):
    stream = b"".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    whole, split = EaBench(), EaBench()
    whole.session.received(stream)
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        split.session.received(stream[start:end])
    assert split.line.sent == whole.line.sent


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(st.binary(max_size=60), MESSAGES), max_size=6))
def test_no_bytes_crash_the_box_and_it_answers_again(pieces):
    ea = EaBench()
    for piece in pieces:
        ea.session.received(piece)
    ea.clock.sleep_until(1.0)
    ea.session.received(b"\n")
    ea.clock.sleep_until(2.0)
    assert ea.say("OUTP?") in ("ON", "OFF")


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 0xFFFF), st.sampled_from([1, 3, 5, 6, 16]), st.binary(max_size=12))
def test_after_any_sealed_request_the_box_answers_in_a_protocol_or_has_hung_up(
    address, function, rest
):
    ea = EaBench()
    ea.remote()
    body = bytes([0, function]) + address.to_bytes(2, "big") + rest
    ea.session.received(seal(body))
    ea.clock.sleep_until(1.0)
    assert ea.say("OUTP?") or ea.frame("00 03 01 F9 00 02 14 17") or not ea.line.open


@settings(deadline=None, max_examples=150)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=120))
def test_no_text_crashes_the_box(text):
    ea = EaBench()
    ea.say("*" + text)
    assert ea.say("OUTP?") == "OFF"


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["VOLT", "CURR", "POW", "SINK:CURR", "SINK:POW", "VOLT:PROT"]),
    st.floats(0, 1),
)
def test_every_value_in_range_reads_back_within_half_a_digit(header, share):
    ea = EaBench()
    ea.lock()
    nominal = {"V": (500, 0.051), "C": (90, 0.0051), "P": (15000, 0.51)}
    scale, digit = nominal[header.removeprefix("SINK:")[0]]
    ea.say(f"{header} {share * scale:.6f}")
    read = float(ea.say(f"{header}?").rstrip("VAW"))
    assert abs(read - share * scale) <= digit + scale / 52428
