"""Times of logged frames: counters that overflow, step back, run backwards or are not there."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.chademo.logs import LogReader
from rig.chademo.logs.times import RESTART_GAP_S, CountedTime, RunningTime


def savvy(times_us):
    lines = [f"{t},100,false,Rx,0,1,00" for t in times_us]
    return "\n".join(["Time Stamp,ID,Extended,Dir,Bus,LEN,D1", *lines, ""])


def test_without_times_a_cycle_is_taken_as_100_ms(write):
    cycle = "can0  100   [8]  00 00 00 00 B3 01 F0 00\ncan0  102   [8]  02 9A 01 00 00 C8 03 00\n"
    log = LogReader(write(cycle * 3))
    assert [f.t_s for f in log] == pytest.approx([0.0, 0.0, 0.1, 0.1, 0.2, 0.2])
    assert not log.timed
    assert "no times" in log.notes[0]


@pytest.mark.parametrize(
    "times_us",
    [
        [2**32 - 200_000, 2**32 - 100_000, 0, 100_000],
        [2**31 - 200_000, 2**31 - 100_000, -(2**31), -(2**31) + 100_000],
    ],
)
def test_a_time_counter_that_overflows_runs_on(write, times_us):
    log = LogReader(write(savvy(times_us)))
    times = [f.t_s for f in log]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([0.1] * 3)
    assert log.notes == ["the time counter overflows at line 4"]


def test_negative_times_are_times(write):
    times = [f.t_s for f in LogReader(write(savvy([-300_000, -200_000, -100_000])))]
    assert times == pytest.approx([-0.3, -0.2, -0.1])


def test_time_that_steps_back_far_begins_a_new_recording(write):
    log = LogReader(write(savvy([50_000_000, 50_100_000, 3_000_000, 3_100_000])))
    times = [f.t_s for f in log]
    assert times[2] - times[1] == pytest.approx(RESTART_GAP_S)
    assert times[3] - times[2] == pytest.approx(0.1)
    assert "steps back by 47.100 s at line 4" in log.notes[0]


def test_frames_stamped_a_little_out_of_order_keep_the_order_of_the_log(write):
    log = LogReader(write(savvy([1_000_000, 1_100_000, 1_099_000, 1_200_000])))
    assert [f.t_s for f in log] == pytest.approx([1.0, 1.1, 1.1, 1.2])
    assert log.notes == ["1 frames are stamped earlier than the frame before them"]


@given(st.lists(st.floats(-1e6, 1e7), max_size=50))
def test_time_never_runs_backwards(stamps):
    running = RunningTime()
    times = [running.stamp(t, 0x100, n) for n, t in enumerate(stamps)]
    assert times == sorted(times)


@given(st.lists(st.sampled_from([0x100, 0x101, 0x109]), max_size=50))
def test_counted_time_never_runs_backwards(identifiers):
    counted = CountedTime()
    times = [counted.stamp(0.0, identifier, n) for n, identifier in enumerate(identifiers)]
    assert times == sorted(times)
