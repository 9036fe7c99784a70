"""What goes wrong in calls that nobody sleeps on."""

import threading

import pytest

from instruments.clock import WallClock
from rig.bench.v2h.errands import Errands
from rig.bench.v2h.told_clock import ToldClock
from rig.clock import VirtualClock


class Told:
    """Who is told of failures, and waits for one."""

    def __init__(self):
        self.failures, self._came = [], threading.Event()

    def __call__(self, error):
        self.failures.append(error)
        self._came.set()

    def wait(self):
        assert self._came.wait(5.0)


def fail():
    raise ValueError("a bug")


@pytest.fixture
def told():
    return Told()


def test_an_errand_that_fails_for_whatever_reason_is_told_at_once_and_is_the_last(told):
    clock = WallClock()
    made = []
    errands = Errands(clock, 0.01, lambda: (made.append(1), fail()), told)
    errands.start()
    told.wait()
    errands.stop()
    clock.close()
    assert [str(each) for each in told.failures] == ["a bug"]
    assert len(made) == 1


def test_an_errand_to_a_box_that_hangs_does_not_keep_others_waiting(told):
    clock, answered, at_the_box = WallClock(), threading.Event(), threading.Event()
    errands = Errands(clock, 0.01, lambda: (at_the_box.set(), answered.wait(20.0)), told)
    errands.start()
    assert at_the_box.wait(5.0)
    begun_s = clock.now()
    errands.stop()
    assert clock.now() - begun_s < 5.0
    answered.set()
    clock.close()
    assert told.failures == []


def test_a_call_that_fails_is_told_and_the_others_are_made(told):
    clock, made = VirtualClock(), []
    calls = ToldClock(clock, told)
    calls.call_at(1.0, fail)
    calls.call_every(1.0, lambda: made.append(calls.now()), first=1.0)
    clock.sleep_until(3.0)
    assert made == [1.0, 2.0, 3.0]
    assert [type(each) for each in told.failures] == [ValueError]


def test_a_clock_that_tells_keeps_the_time_of_the_other(told):
    clock = VirtualClock()
    calls = ToldClock(clock, told)
    calls.sleep_until(2.0)
    assert (calls.now(), calls.utc()) == (clock.now(), clock.utc()) == (2.0, clock.utc())
