"""RTU frames are told apart by silence: a request follows an answer after 3.5 characters."""

import itertools
import time

import pytest
from rtu_frames import rtu

from instruments.links import RtuSerial


@pytest.fixture
def board(open_pty, line_over):
    """Return a unit, and the pauses between its answers and the requests after them."""

    def make(baud_rate, behind=b"", **options):
        answered, pauses = [], []

        def talk(far):
            for number in itertools.count():
                far.read(300)
                if answered:
                    pauses.append(time.monotonic() - answered[-1])
                answered.append(time.monotonic())
                far.write(rtu("01 03 02 0007"))
                if number == 0 and behind:
                    time.sleep(0.002)  # apart from the answer, but within the silence
                    far.write(behind)

        line = line_over(RtuSerial(open_pty(talk).path, baud_rate=baud_rate), **options)
        return line.unit(1), pauses

    return make


@pytest.mark.parametrize(
    ("baud_rate", "silence_s"), [(1200, 0.032), (9600, 0.004), (115_200, 0.00175)]
)
def test_a_request_keeps_the_silence_also_inside_a_transaction(board, baud_rate, silence_s):
    unit, pauses = board(baud_rate)
    with unit.transaction():
        assert [unit.read_holding(0) for _ in range(4)] == [[7]] * 4
    assert len(pauses) == 3
    assert min(pauses) >= silence_s


def test_what_breaks_the_silence_is_no_part_of_the_next_answer(board, transcript):
    # A silence of 0.13 s: the board may be held up.
    unit, _ = board(300, behind=rtu("01 03 02 0009"), timeout_s=0.3)
    unit.read_holding(0)
    assert unit.read_holding(0) == [7]
    assert "nobody asked for" in transcript.text()


def test_the_silence_is_that_of_the_standard():
    assert RtuSerial("/dev/ttyS0", baud_rate=9600).silence_s == pytest.approx(3.5 * 11 / 9600)
    assert RtuSerial("/dev/ttyS0", baud_rate=115_200).silence_s == 0.00175
