import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rig.virtual.unit.timer import LeakingTimer

runs = st.lists(st.tuples(st.booleans(), st.integers(1, 40)), min_size=1, max_size=12)


@given(runs, st.floats(0.001, 0.3), st.sampled_from([0.25, 1.0, 0.1]))
def test_a_steady_stretch_counts_as_the_same_ticks_in_a_block(stretches, limit_s, leak):
    steady, block = LeakingTimer(limit_s, leak), LeakingTimer(limit_s, leak)
    for above, ticks in stretches:
        needed = steady.ticks_to_act(above)
        inside = needed if needed is not None and needed <= ticks else None
        assert block.ticks_to_act_in(np.full(ticks, above)) == inside
        steady.advance(above, ticks)
        block.advance_through(np.full(ticks, above))
        assert steady.level_us == block.level_us


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.data())
def test_a_block_may_be_cut_anywhere(above, data):
    cut = data.draw(st.integers(0, len(above)))
    whole, parts = LeakingTimer(0.02, 0.25), LeakingTimer(0.02, 0.25)
    expected = whole.ticks_to_act_in(np.array(above))
    head, tail = np.array(above[:cut], dtype=bool), np.array(above[cut:], dtype=bool)
    found = parts.ticks_to_act_in(head) if cut else None
    if cut:
        parts.advance_through(head)
    if found is None and tail.size:
        later = parts.ticks_to_act_in(tail)
        found = None if later is None else later + cut
    if tail.size:
        parts.advance_through(tail)
    whole.advance_through(np.array(above))
    assert found == expected
    assert parts.level_us == whole.level_us


def test_a_timer_fills_a_second_a_second_and_leaks_a_quarter():
    timer = LeakingTimer(2.0, 0.25)
    timer.advance(True, 800)
    timer.advance(False, 800)
    assert timer.level_us == 600_000
    assert timer.ticks_to_act(True) == 1400
    assert timer.ticks_to_act(False) is None


def test_a_full_timer_acts_on_the_next_tick_above():
    timer = LeakingTimer(0.01, 0.25)
    timer.advance(True, 500)
    assert timer.percent == 100.0
    assert timer.ticks_to_act(True) == 1
