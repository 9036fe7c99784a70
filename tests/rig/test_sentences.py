"""Names of tests read as sentences."""

import pytest

from rig.sentences import sentence_of


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        ("test_it_trips_at_160_percent", "it trips at 160 percent"),
        ("test_150_ma_open_the_socket", "150 mA open the socket"),
        ("test_2_9_ma_do_not", "2.9 mA do not"),
        ("test_a_12_v_cut_is_one", "a 12 V cut is one"),
        ("test_stage_3_ends_5_vehicles", "stage 3 ends 5 vehicles"),
    ],
)
def test_units_are_written_as_units(function, sentence):
    assert sentence_of(function) == sentence
