import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.controller import Restart, TripCode
from rig.controller.words import from_signed, from_u32, signed, u32

BY_LETTER = {
    Restart.AUTOMATIC: {1, 2},
    Restart.CONDITION: {11, 12, 13, 15, 20},
    Restart.ACKNOWLEDGE: {3, 4, 5, 6, 7, 8, 9, 10, 14, 16, 17, 18, 21, 22},
    Restart.LOCKED_OUT: {19},
    Restart.NEW_SESSION: set(range(30, 39)),
}


@pytest.mark.parametrize("restart", Restart)
def test_every_trip_restarts_as_the_units_page_says(restart):
    assert {code for code in TripCode if code.restart is restart} == BY_LETTER[restart]


def test_no_trip_needs_no_restart():
    assert TripCode.NONE.restart is None


@given(st.integers(-0x8000, 0x7FFF))
def test_signed_words_survive_the_wire(value):
    assert signed(from_signed(value)) == value


@given(st.integers(0, 0xFFFF_FFFF))
def test_32_bits_travel_high_word_first(value):
    high, low = from_u32(value)
    assert u32(high, low) == value
    assert high == value // 65536


@pytest.mark.parametrize("value", [-0x8001, 0x8000])
def test_what_does_not_fit_a_signed_word_is_rejected(value):
    with pytest.raises(ValueError, match="signed 16-bit"):
        from_signed(value)


@pytest.mark.parametrize("value", [-1, 1 << 32])
def test_what_does_not_fit_32_bits_is_rejected(value):
    with pytest.raises(ValueError, match="32 bits"):
        from_u32(value)
