"""What holds for every input: nothing crashes, spellings agree, queues keep order, numbers hold."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.virtual.scpi import ErrorQueue
from rig.virtual.scpi.errors import event_bit
from rig.virtual.scpi.formats import block, engineering, nr3
from rig.virtual.scpi.lexer import read_unit

PIECES = st.sampled_from(
    ["CURR", "*IDN?", ":", ";", "?", " ", ",", "#", "'", '"', "(", "1", "E9", "#H1F", "#215",
     "CHAN", "MEAS:VOLT:DC?", "SYST:ERR?", "*STB?", "ON", "MAX", "-", ".", "\x00", "\xff", "*RST"]
)  # fmt: skip


SOUP = st.lists(PIECES).map(lambda pieces: "".join(pieces).encode("latin-1"))


@given(st.one_of(st.binary(max_size=80), SOUP))
@settings(max_examples=300)
def test_no_message_crashes_the_box(new_box, message):
    box = new_box()
    first = box.execute(message)
    assert isinstance(first.data, bytes)
    box.execute(b"*RST;*CLS")
    assert box.execute(b"*IDN?").data == b"Maker,Model,0,1.0"


@given(st.data())
def test_spelling_and_case_make_no_difference(new_box, ask, data):
    box = new_box()
    words = [
        data.draw(st.sampled_from(["", "SOUR:", "SOURCE:", ":SOUR:", ":"])),
        data.draw(st.sampled_from(["CURR", "CURRENT"])),
        data.draw(st.sampled_from(["", ":LEV", ":LEVEL"])),
    ]
    cased = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in "".join(words))
    ask(box, f"{cased} 4.5")
    assert box.panel.level == 4.5
    assert not box.errors


@given(st.floats(-10, 45, allow_nan=False))
def test_a_number_comes_back_as_it_was_sent(new_box, ask, value):
    box = new_box()
    ask(box, f"CURR {value!r}")
    assert float(ask(box, "CURR?")) == pytest.approx(value, rel=1e-11, abs=1e-300)


@given(st.floats(1e-6, 40), st.sampled_from([("", 1.0), ("A", 1.0), ("MA", 1e-3), ("UA", 1e-6),
       ("KA", 1e3)]))  # fmt: skip
def test_suffixes_multiply(new_box, ask, value, suffix):
    box, (spelled, factor) = new_box(), suffix
    ask(box, f"CURR {value / factor!r} {spelled}")
    assert box.panel.level == pytest.approx(value)


@given(st.integers(0, 2**31), st.sampled_from([("#H{:X}", 16), ("#Q{:o}", 8), ("#B{:b}", 2)]))
def test_other_radices_are_read(value, radix):
    assert read_unit("X " + radix[0].format(value)).parameters[0].value == value


@given(st.integers(1, 20), st.lists(st.integers(-500, -100), max_size=40))
def test_the_error_queue_keeps_the_oldest_and_marks_the_overflow(depth, codes):
    queue = ErrorQueue(depth)
    for code in codes:
        queue.push(code)
    taken = [entry[0] for entry in itertools.takewhile(bool, iter(queue.pop, None))]
    expected = codes if len(codes) <= depth else [*codes[: depth - 1], -350]
    assert taken == expected


def test_a_queue_of_seventeen_holds_sixteen_and_the_overflow(new_box, ask):
    box = new_box(queue_depth=17)
    for _ in range(30):
        ask(box, "FOO")
    replies = [ask(box, "SYST:ERR?") for _ in range(18)]
    undefined, overflow = '-113,"Undefined header"', '-350,"Queue overflow"'
    assert replies == [undefined] * 16 + [overflow, '0,"No error"']


def test_a_queue_may_drop_newcomers_instead(new_box, ask):
    box = new_box(queue_depth=2, mark_overflow=False, no_error="0,None")
    ask(box, "FOO;CURR 99;CURR")
    assert [ask(box, "SYST:ERR?") for _ in range(3)] == [
        '-113,"Undefined header"', '-222,"Data out of range"', "0,None",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "bit"), [(-113, 5), (-222, 4), (-350, 3), (113, 3), (-410, 2), (-500, 7), (-800, 0)]
)
def test_each_class_of_errors_has_its_event_bit(code, bit):
    assert event_bit(code) == bit


@given(st.binary(max_size=300))
def test_blocks_survive_the_round_trip(new_box, payload):
    box = new_box()
    box.execute(b"DATA " + block(payload))
    assert box.execute(b"DATA?").data == block(payload)


@given(st.text(st.characters(codec="latin-1", exclude_characters="\n"), max_size=30))
def test_strings_survive_the_round_trip(new_box, ask, text):
    box = new_box()
    doubled = text.replace("'", "''")
    ask(box, f"DISP:TEXT '{doubled}'")
    assert box.panel.label == text


@given(st.floats(1e-9, 1e9), st.booleans())
def test_engineering_notation_means_the_same_number(value, negative):
    value = -value if negative else value
    spelled = engineering(5)(value)
    assert float(spelled) == pytest.approx(value, rel=6e-5)
    assert int(spelled.partition("E")[2]) % 3 == 0
    assert float(nr3(4)(value)) == pytest.approx(value, rel=6e-5)
