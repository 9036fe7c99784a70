import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.virtual.unit.window import SlidingWindow


def codes_of(first, count, hertz=50.0, amplitudes=(1300.0, 500.0, 200.0, 0.0, 300.0)):
    t_s = np.arange(first, first + count) / 1e5
    wave = np.sin(2 * np.pi * hertz * t_s)
    return np.rint(np.outer(amplitudes, wave))


def run_through(window, codes, tick, cuts):
    """Feed codes in pieces that end at ``cuts``; return the means by tick."""
    first = window.next_sample
    means, at = [], 0
    for end in [*cuts, codes.shape[1]]:
        ticks = (first + end) // 100 - tick
        sums = window.add(codes[:, at:end], ticks)
        window.keep(sums, ticks, whole=True)
        means.append(sums.means)
        tick, at = tick + ticks, end
    return np.concatenate(means, axis=1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5000), max_size=12))
def test_the_window_does_not_see_where_blocks_were_cut(cuts):
    codes = codes_of(0, 5000)
    whole = run_through(SlidingWindow(), codes, 0, [])
    parts = run_through(SlidingWindow(), codes, 0, sorted(cuts))
    assert np.array_equal(parts, whole)


def test_the_window_is_the_mean_of_the_last_2000_samples():
    codes = codes_of(0, 5000)
    means = run_through(SlidingWindow(), codes, 0, [])
    part = codes[:, 3700 - 2000 : 3700]
    assert means[:5, 36] == pytest.approx((part**2).mean(axis=1))
    assert means[5:, 36] == pytest.approx((part[0] * part[1:]).mean(axis=1))


@pytest.mark.parametrize("hertz", [50.0, 50.4, 49.0])
@pytest.mark.parametrize("resumed_at", [12_345_600, 12_345_637, 12_346_699])
def test_after_a_steady_stretch_the_window_goes_on_as_if_it_had_been_sampled(hertz, resumed_at):
    window = SlidingWindow()
    run_through(window, codes_of(0, 6000, hertz), 0, [])
    settled = codes_of(0, 2000, 50.0)
    means = np.concatenate(((settled**2).mean(axis=1), (settled[0] * settled[1:]).mean(axis=1)))
    window.resume(resumed_at // 100, resumed_at, means, 1000.0 / hertz)
    codes = codes_of(resumed_at, 3000, hertz)
    got = run_through(window, codes, resumed_at // 100, [])
    tolerance = 0.005 if hertz == 50.0 else 0.02
    assert (
        np.abs(np.sqrt(got[:5] / means[:5, None].clip(1.0)) - 1.0)[[0, 1, 2, 4]].max() < tolerance
    )


def test_a_resumed_row_that_was_something_else_becomes_flat():
    window = SlidingWindow()
    run_through(window, codes_of(0, 4000), 0, [])
    window.resume(100, 10_000, np.full(9, 7.0), 20.0)
    sums = window.add(np.zeros((5, 100)), 1)
    assert sums.means == pytest.approx(np.full((9, 1), 7.0 * 19 / 20))
