"""Wall time keeps the same rules as virtual time, on a thread of its own."""

import os
import threading
import time
import traceback
from datetime import UTC, datetime

import pytest

from instruments.clock import WallClock

pytestmark = pytest.mark.wall_clock


@pytest.fixture
def clock():
    clock = WallClock()
    yield clock
    clock.close()


def test_sleep_until_returns_at_its_time_and_not_much_later(clock):
    start = time.monotonic()
    clock.sleep_until(clock.now() + 0.05)
    assert 0.05 <= time.monotonic() - start < 0.3


def test_sleeping_into_the_past_returns_at_once(clock):
    start = time.monotonic()
    clock.sleep_until(clock.now() - 5.0)
    assert time.monotonic() - start < 0.05


def test_utc_is_the_present_instant(clock):
    assert abs((clock.utc() - datetime.now(UTC)).total_seconds()) < 1.0


def test_calls_are_made_in_order_of_time_then_of_registration(clock):
    made = []
    at = clock.now() + 0.05
    clock.call_at(at + 0.02, lambda: made.append("later"))
    clock.call_at(at, lambda: made.append("first"))
    clock.call_at(at, lambda: made.append("second"))
    clock.sleep_until(at + 0.1)
    assert made == ["first", "second", "later"]


def test_calls_are_made_on_one_thread_that_is_not_the_callers(clock):
    threads = set()
    for _ in range(3):
        clock.call_at(clock.now(), lambda: threads.add(threading.current_thread()))
    clock.sleep_until(clock.now() + 0.05)
    assert len(threads) == 1
    assert threading.current_thread() not in threads


def test_a_call_made_earlier_than_a_waiting_one_is_not_held_up_by_it(clock):
    made = []
    clock.call_at(clock.now() + 60.0, lambda: made.append("far"))
    clock.call_at(clock.now() + 0.01, lambda: made.append("near"))
    clock.sleep_until(clock.now() + 0.1)
    assert made == ["near"]


def test_periodic_calls_keep_to_absolute_deadlines(clock):
    lags = []
    first = clock.now() + 0.02

    def tick():
        lags.append(clock.now() - (first + len(lags) * 0.02))
        clock.sleep_until(clock.now() + 0.005)  # work that would add up to a drift

    clock.call_every(0.02, tick, first=first)
    clock.sleep_until(first + 0.31)
    assert 14 <= len(lags) <= 16
    assert min(lags) >= 0.0
    assert sorted(lags)[len(lags) // 2] < 0.01


def test_a_late_periodic_call_is_made_once_more_and_then_in_time(clock):
    starts = []
    first = clock.now() + 0.02

    def slow_first():
        starts.append(clock.now() - first)
        if len(starts) == 1:
            clock.sleep_until(first + 0.175)  # deadlines 0.05, 0.1 and 0.15 pass

    clock.call_every(0.05, slow_first, first=first)
    clock.sleep_until(first + 0.225)
    assert len(starts) == 3
    assert starts == pytest.approx([0.0, 0.175, 0.2], abs=0.02)


def test_a_first_deadline_long_past_is_made_up_for_once(clock):
    made = []
    clock.call_every(10.0, lambda: made.append(clock.now()), first=-95.0)
    clock.sleep_until(clock.now() + 0.05)
    assert len(made) == 1


def test_calls_may_cancel_each_other_and_themselves(clock):
    made = []
    first = clock.now() + 0.02

    def once():
        made.append("once")
        myself.cancel()
        other.cancel()

    myself = clock.call_every(0.02, once, first=first)
    other = clock.call_every(0.02, lambda: made.append("other"), first=first)
    clock.sleep_until(first + 0.1)
    assert made == ["once"]


def test_a_call_that_raises_ends_the_sleep_with_its_own_traceback(clock):
    def breaks():
        raise ZeroDivisionError("mine")

    clock.call_at(clock.now() + 0.02, breaks)
    start = time.monotonic()
    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        clock.sleep_until(clock.now() + 5.0)
    assert time.monotonic() - start < 1.0
    assert traceback.extract_tb(caught.tb)[-1].name == "breaks"


def test_a_call_that_raised_while_nobody_slept_is_raised_by_the_next_sleep(clock):
    over = threading.Event()

    def breaks():
        raise ZeroDivisionError

    clock.call_at(clock.now(), breaks)
    clock.call_at(clock.now(), over.set)
    assert over.wait(1)
    with pytest.raises(ZeroDivisionError):
        clock.sleep_until(clock.now())


def test_other_calls_are_made_after_one_has_raised(clock):
    made = []

    def breaks():
        raise ZeroDivisionError

    at = clock.now() + 0.01
    clock.call_at(at, breaks)
    clock.call_at(at, lambda: made.append("after"))
    with pytest.raises(ZeroDivisionError):
        clock.sleep_until(at + 0.05)
    clock.sleep_until(at + 0.06)
    assert made == ["after"]


def test_what_a_call_raised_is_for_the_thread_that_made_the_clock(clock):
    slept = []

    def breaks():
        raise ZeroDivisionError

    def sleeps_elsewhere():
        clock.sleep_until(clock.now() + 0.05)
        slept.append("in peace")

    clock.call_at(clock.now() + 0.01, breaks)
    other = threading.Thread(target=sleeps_elsewhere)
    other.start()
    other.join(1.0)
    assert slept == ["in peace"]
    with pytest.raises(ZeroDivisionError):
        clock.sleep_until(clock.now())


def test_close_waits_for_the_call_under_way_and_makes_no_more():
    clock = WallClock()
    started, made = threading.Event(), []

    def slow():
        started.set()
        time.sleep(0.05)
        made.append("whole")

    clock.call_at(clock.now(), slow)
    clock.call_at(clock.now() + 0.06, lambda: made.append("too late"))
    assert started.wait(1)
    clock.close()
    time.sleep(0.05)  # past the instant of the other call
    assert made == ["whole"]


def test_close_raises_what_the_call_under_way_raised():
    clock = WallClock()
    started = threading.Event()

    def breaks():
        started.set()
        time.sleep(0.02)
        raise ZeroDivisionError

    clock.call_at(clock.now(), breaks)
    assert started.wait(1)
    with pytest.raises(ZeroDivisionError):
        clock.close()


@pytest.mark.parametrize("period_s", [0.0, -1.0])
def test_a_period_must_be_above_nought(clock, period_s):
    with pytest.raises(ValueError, match="above 0"):
        clock.call_every(period_s, lambda: None)


def test_an_urgent_clock_is_as_any_other_where_priority_is_not_granted(monkeypatch):
    def refused(*_):
        raise PermissionError("not for you")

    monkeypatch.setattr(os, "sched_setscheduler", refused, raising=False)
    clock, made = WallClock(urgent=True), []
    clock.call_at(clock.now(), lambda: made.append(True))
    clock.sleep_until(clock.now() + 0.1)
    clock.close()
    assert made == [True]


def test_a_clock_beside_another_tells_the_same_time():
    clock = WallClock()
    beside = clock.beside()
    assert abs(clock.now() - beside.now()) < 0.05
    assert abs((clock.utc() - beside.utc()).total_seconds()) < 0.05
    beside.close()
    clock.close()
