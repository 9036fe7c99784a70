"""The benchmarks of links and drivers run, and their statistics say what they should."""

import sys
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
if sys.platform == "win32":
    pytest.skip("the servers are forked", allow_module_level=True)

from benchmarks.boxes import pairs
from benchmarks.paired import compare, interval, row

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
"""The servers are forked before anything is asked of them, so no thread of ours holds a lock."""


@pytest.mark.parametrize(
    "opening",
    [
        pairs.query,
        pairs.reading,
        pairs.setting,
        pairs.modbus_block,
        partial(pairs.serial_rtu, peer="async"),
        partial(pairs.serial_rtu, peer="sync"),
    ],
)
def test_both_sides_of_each_pair_get_their_answers(opening):
    ours, bare = compare(opening(), rounds=2, calls=2, warm_up=1)
    assert ours > 0.0
    assert bare > 0.0


def test_eight_boxes_answer_each_in_its_time():
    with pairs.eight_boxes_links(0.01) as links:
        assert [link.query("MEAS?") for link in links.values()] == [
            "+2.300000E+02;+1.500000E+01"
        ] * 8


def test_the_interval_of_a_median_lies_around_it_and_within_the_values():
    values = [1.0, 1.1, 1.2, 1.3, 5.0]
    low, high = interval(values)
    assert 1.0 <= low <= 1.2 <= high <= 5.0
    assert interval([2.0] * 9) == (2.0, 2.0)


def test_a_line_of_the_table_tells_both_times_and_their_ratio():
    line = row("query", [(20e-6, 10e-6), (40e-6, 20e-6), (6e-3, 2e-3)], "<= 1.06")
    assert " ".join(line.split()) == "query 40.0 us 20.0 us 2.000 2.000 to 3.000 <= 1.06"
