"""Virtual time: what falls due runs in order, at its own instant, and never inside itself."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.clock import VirtualClock

times = st.floats(0.0, 100.0).map(lambda t: round(t, 1))


@given(st.lists(times, max_size=30), times)
def test_calls_run_in_order_of_time_then_of_registration(due, until):
    clock = VirtualClock()
    made = []
    for number, t in enumerate(due):
        clock.call_at(t, lambda t=t, number=number: made.append((clock.now(), t, number)))
    clock.sleep_until(until)
    expected = sorted((t, number) for number, t in enumerate(due) if t <= until)
    assert made == [(t, t, number) for t, number in expected]
    assert clock.now() == until


@given(st.lists(st.tuples(st.sampled_from([0.5, 1.0, 1.5, 2.0]), times), min_size=1, max_size=8))
def test_periodic_calls_keep_their_place_among_calls_of_one_instant(specs):
    clock = VirtualClock()
    made = []
    for number, (period_s, first) in enumerate(specs):
        clock.call_every(
            period_s, lambda number=number: made.append((clock.now(), number)), first=first
        )
    clock.sleep_until(110.0)
    assert made == sorted(made)
    for number, (period_s, first) in enumerate(specs):
        mine = [t for t, who in made if who == number]
        assert mine == [first + n * period_s for n in range(len(mine))]
        assert mine[-1] + period_s > 110.0


@given(st.lists(times, min_size=1, max_size=10))
def test_where_the_sleeps_are_cut_changes_nothing(stops):
    def run(cuts):
        clock = VirtualClock()
        made = []
        clock.call_every(0.7, lambda: made.append(("a", clock.now())))
        clock.call_every(1.1, lambda: made.append(("b", clock.now())))
        for cut in cuts:
            clock.sleep_until(cut)
        return made

    assert run([*stops, 100.0]) == run([100.0])


def test_absolute_deadlines_never_drift_in_a_day():
    clock = VirtualClock()
    seen = [0, 0.0]

    def tick():
        seen[0] += 1
        seen[1] = max(seen[1], abs(clock.now() - seen[0] * 0.1))

    clock.call_every(0.1, tick)
    clock.sleep_until(86_400.05)
    assert seen[0] == 864_000
    assert seen[1] < 1e-9


def test_the_first_deadline_may_be_named():
    clock = VirtualClock()
    made = []
    clock.call_every(10.0, lambda: made.append(clock.now()), first=3.0)
    clock.sleep_until(25.0)
    assert made == [3.0, 13.0, 23.0]


def test_a_first_deadline_long_past_is_made_up_for_once():
    clock = VirtualClock()
    clock.sleep_until(100.0)
    made = []
    clock.call_every(10.0, lambda: made.append(clock.now()), first=5.0)
    clock.sleep_until(120.0)
    assert made == [100.0, 105.0, 115.0]


def test_sleeping_into_the_past_neither_steps_back_nor_runs_what_is_to_come():
    clock = VirtualClock()
    clock.sleep_until(5.0)
    clock.call_at(6.0, lambda: pytest.fail("too early"))
    clock.sleep_until(1.0)
    assert clock.now() == 5.0


def test_a_call_at_the_past_runs_at_the_next_sleep():
    clock = VirtualClock()
    clock.sleep_until(5.0)
    made = []
    clock.call_at(2.0, lambda: made.append(clock.now()))
    assert made == []
    clock.sleep_until(5.0)
    assert made == [5.0]


def test_a_call_that_raises_stops_the_run_with_its_own_traceback():
    clock = VirtualClock()
    made = []

    def breaks():
        raise ZeroDivisionError("mine")

    clock.call_at(1.0, breaks)
    clock.call_at(1.0, lambda: made.append(clock.now()))
    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        clock.sleep_until(10.0)
    assert traceback.extract_tb(caught.tb)[-1].name == "breaks"
    assert clock.now() == 1.0
    assert made == []
    clock.sleep_until(10.0)
    assert made == [1.0]


def test_a_periodic_call_that_raised_goes_on_at_its_next_deadline():
    clock = VirtualClock()
    made = []

    def breaks_once():
        made.append(clock.now())
        if len(made) == 1:
            raise ZeroDivisionError

    clock.call_every(1.0, breaks_once)
    with pytest.raises(ZeroDivisionError):
        clock.sleep_until(3.0)
    clock.sleep_until(3.0)
    assert made == [1.0, 2.0, 3.0]


def test_a_cancelled_call_is_not_made():
    clock = VirtualClock()
    call = clock.call_at(1.0, lambda: pytest.fail("cancelled"))
    call.cancel()
    call.cancel()
    clock.sleep_until(2.0)


def test_calls_may_cancel_each_other_and_themselves():
    clock = VirtualClock()
    made = []

    def once():
        made.append("once")
        myself.cancel()
        other.cancel()

    myself = clock.call_every(1.0, once)
    other = clock.call_every(1.0, lambda: made.append("other"))
    clock.sleep_until(5.0)
    assert made == ["once"]
    assert clock.next_due() is None


def test_a_call_may_ask_for_calls_at_its_own_instant():
    clock = VirtualClock()
    made = []
    clock.call_at(1.0, lambda: clock.call_at(1.0, lambda: made.append(clock.now())))
    clock.sleep_until(1.0)
    assert made == [1.0]


def test_what_falls_due_while_a_call_sleeps_runs_inside_it():
    clock = VirtualClock()
    made = []

    def sleeps():
        made.append(("starts", clock.now()))
        clock.sleep_until(clock.now() + 2.0)
        made.append(("ends", clock.now()))

    clock.call_at(1.0, sleeps)
    clock.call_at(2.0, lambda: made.append(("inside", clock.now())))
    clock.call_at(4.0, lambda: made.append(("after", clock.now())))
    clock.sleep_until(10.0)
    assert made == [("starts", 1.0), ("inside", 2.0), ("ends", 3.0), ("after", 4.0)]


def test_a_sleeper_that_oversleeps_leaves_time_where_it_woke():
    clock = VirtualClock()
    clock.call_at(1.0, lambda: clock.sleep_until(20.0))
    clock.sleep_until(10.0)
    assert clock.now() == 20.0


def test_a_periodic_call_never_runs_inside_itself_and_is_made_once_more_when_late():
    clock = VirtualClock()
    inside = []
    starts = []

    def slow_first():
        assert not inside, "runs inside itself"
        inside.append(True)
        starts.append(clock.now())
        if len(starts) == 1:
            clock.sleep_until(4.5)  # deadlines 2, 3 and 4 pass
        inside.clear()

    clock.call_every(1.0, slow_first)
    clock.sleep_until(6.0)
    assert starts == [1.0, 4.5, 5.0, 6.0]


def test_a_call_that_is_always_too_slow_still_lets_the_sleeper_wake():
    clock = VirtualClock()
    starts = []

    def too_slow():
        starts.append(clock.now())
        clock.sleep_until(clock.now() + 1.5)

    clock.call_every(1.0, too_slow)
    clock.sleep_until(10_000.0)
    assert 10_000.0 <= clock.now() < 10_002.0
    assert starts[:4] == [1.0, 2.5, 4.0, 5.5]


def test_a_late_call_cancelled_while_it_runs_is_not_made_again():
    clock = VirtualClock()
    starts = []

    def slow():
        starts.append(clock.now())
        clock.sleep_until(3.5)
        call.cancel()

    call = clock.call_every(1.0, slow)
    clock.sleep_until(10.0)
    assert starts == [1.0]


@given(
    st.lists(
        st.tuples(st.sampled_from([0.5, 1.0, 3.0]), st.sampled_from([0.0, 0.2, 0.7, 2.0])),
        min_size=1,
        max_size=5,
    )
)
def test_sleeping_calls_never_nest_in_themselves_and_time_never_steps_back(specs):
    clock = VirtualClock()
    running = set()
    seen = []

    def make(number, takes_s):
        def call():
            assert number not in running
            running.add(number)
            seen.append(clock.now())
            clock.sleep_until(clock.now() + takes_s)
            seen.append(clock.now())
            running.remove(number)

        return call

    for number, (period_s, takes_s) in enumerate(specs):
        clock.call_every(period_s, make(number, takes_s))
    clock.sleep_until(30.0)
    assert seen == sorted(seen)
    assert clock.now() >= 30.0
    assert not running


def test_next_due_is_the_earliest_call_that_is_not_cancelled():
    clock = VirtualClock()
    assert clock.next_due() is None
    early = clock.call_at(1.0, lambda: None)
    clock.call_at(2.0, lambda: None)
    assert clock.next_due() == 1.0
    early.cancel()
    assert clock.next_due() == 2.0


def test_utc_moves_with_virtual_time():
    clock = VirtualClock()
    start = clock.utc()
    clock.sleep_until(3600.5)
    assert (clock.utc() - start).total_seconds() == 3600.5


@pytest.mark.parametrize("period_s", [0.0, -1.0])
def test_a_period_must_be_above_nought(period_s):
    with pytest.raises(ValueError, match="above 0"):
        VirtualClock().call_every(period_s, lambda: None)
