"""What a benchmark awaits is looked for until it is there, and not for longer than it may take."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.waiting import awaited


def test_the_first_true_answer_is_returned():
    answers = iter([None, None, "there", "too late"])
    assert awaited(lambda: next(answers), within_s=5.0) == "there"


def test_when_the_time_is_up_the_last_answer_is_returned():
    answers = iter([0, 1])
    assert awaited(lambda: next(answers), within_s=0.0) == 0
    assert next(answers) == 1
