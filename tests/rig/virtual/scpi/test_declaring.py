"""How a box is declared, and what a wrong declaration says."""

import pytest

from rig.virtual.scpi import Boolean, Dialect, ScpiDevice
from rig.virtual.scpi.formats import zero_one


def device():
    return ScpiDevice(Dialect(), identity="", turnaround_s=0.0)


def test_a_panel_without_the_attribute_is_found_out_at_once():
    with pytest.raises(AttributeError, match="the panel has no missing"):
        device().bind("A", object(), "missing", Boolean(), zero_one)


@pytest.mark.parametrize("pattern", ["[A", "A]", "1A", "A::B"])
def test_a_pattern_that_cannot_be_read_is_found_out_at_once(pattern):
    with pytest.raises(ValueError, match="cannot read the header pattern"):
        device().add_query(pattern, str)


def test_a_keyword_has_one_range_of_suffixes():
    box = device()
    box.add_query("CHANnel<1:4>:A", str)
    with pytest.raises(ValueError, match="two ranges"):
        box.add_query("CHANnel<1:2>:B", str)


def test_headers_are_listed_in_the_notation_of_the_manual(box):
    assert "[SOURce:]CURRent[:LEVel]" in box.headers
    assert "[SOURce:]CURRent[:LEVel]?" in box.headers
    assert "MEASure:VOLTage:DC?" in box.headers


def test_alternative_keywords_are_nodes_of_their_own():
    box = device()
    box.add_query("MEASure|FETCh:A", lambda: "a")
    box.add_query("MEASure|FETCh:B", lambda: "b")
    assert box.execute(b"FETC:A?;B?;:MEAS:A?;:measure:b?").data == b"a;b;a;b"
