"""Values over the time of a session."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rig.chademo.check import traces
from rig.chademo.check.slew import Slew
from rig.chademo.check.timers import Lasting, Timers
from rig.chademo.check.traces import StepTrace


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-50, 500), min_size=1, max_size=300))
def test_a_long_trace_is_thinned_and_keeps_its_extremes_and_order(values):
    trace, most = StepTrace(), traces._MOST_POINTS
    traces._MOST_POINTS = 40
    try:
        for t, value in enumerate(values):
            trace.take(float(t), value)
    finally:
        traces._MOST_POINTS = most
    times = [t for t, _ in trace.points]
    kept = [value for _, value in trace.points]
    assert len(kept) <= 41
    assert times == sorted(times)
    assert (min(kept), max(kept)) == (min(values), max(values))


def test_a_value_that_stays_is_noted_once():
    trace = StepTrace()
    for t in range(5):
        trace.take(float(t), 7)
    assert trace.points == [(0.0, 7)]


@given(st.floats(0.06, 0.24), st.integers(1, 50))
def test_a_ramp_of_20_a_per_s_is_never_too_steep_whatever_the_gaps(gap_s, count):
    slew = Slew(20.0)
    excess = [slew.excess_a(int(20.0 * n * gap_s), n * gap_s, gap_s) for n in range(count)]
    assert max(excess) <= 1.0


@given(st.integers(3, 20))
def test_a_steeper_ramp_is_found_by_its_second_step(step_a):
    slew = Slew(20.0)
    excess = [slew.excess_a(step_a * n, n / 10, 0.1) for n in range(4)]
    assert excess[3] > 1.0


def test_a_condition_must_last_without_a_break():
    fired, timers = [], Timers()
    lasting = Lasting(timers, "x", 1.0, fired.append)
    for t, holds in ((0.0, True), (0.9, False), (1.0, True), (1.9, True)):
        timers.run(t)
        lasting.judge(t, holds=holds)
    assert fired == []
    timers.run(2.1)
    assert fired == [2.0]


def test_timers_fire_in_order_of_time():
    fired, timers = [], Timers()
    timers.start("late", 2.0, lambda t: fired.append(("late", t)))
    timers.start("soon", 1.0, lambda t: fired.append(("soon", t)))
    timers.start("never", 9.0, lambda t: fired.append(("never", t)))
    timers.stop("unknown")
    timers.run(5.0)
    assert fired == [("soon", 1.0), ("late", 2.0)]
    assert timers.running("never")
