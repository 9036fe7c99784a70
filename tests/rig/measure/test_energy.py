"""Energy from interval means, against bursty days whose energy is known."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import UsageError
from rig.measure import Interval, energy

DAY_S = 86_400.0
EXACT = {"u_gain": 0.0, "u_zero_w": 0.0, "u_time_base": 0.0}


class BurstyDay:
    """Loads that go on and off at random all day; power is constant between two switchings."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        gaps = rng.exponential(20.0, 2 * int(DAY_S / 20.0))
        edges = np.concatenate([[0.0], np.cumsum(gaps)])
        self.edges = np.append(edges[edges < DAY_S], DAY_S)
        self.watts = rng.choice([0.0, 60.0, 800.0, 3600.0], self.edges.size - 1)
        steps = self.watts * np.diff(self.edges)
        self._so_far = np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def energy_wh(self) -> float:
        """The true energy of the day."""
        return float(self._so_far[-1]) / 3600.0

    def until(self, t_s):
        """Energy up to any instants, Ws."""
        return np.interp(t_s, self.edges, self._so_far)

    def means(self, period_s, *, pace=1.0):
        """Intervals of a meter whose clock runs at ``pace``; stamped by its own clock."""
        shown = np.arange(0.0, DAY_S + 1e-9, period_s)
        sums = np.diff(self.until(np.minimum(shown * pace, DAY_S))) / pace
        return [
            Interval(float(a), float(b), float(w))
            for a, b, w in zip(shown, shown[1:], sums / period_s, strict=False)
        ]

    def polled_wh(self, period_s):
        """What polling of the power at the instants says."""
        at = np.arange(0.0, DAY_S, period_s)
        watts = self.watts[np.searchsorted(self.edges, at, side="right") - 1]
        return float(np.sum(watts)) * period_s / 3600.0


@pytest.mark.parametrize("period_s", [0.5, 60.0])
def test_a_bursty_day_is_right_to_a_fiftieth_of_a_percent_at_any_interval(period_s):
    day = BurstyDay(1)
    found = energy(day.means(period_s, pace=1.0 + 50e-6), **EXACT)
    assert found.value == pytest.approx(day.energy_wh, rel=2e-4)
    assert found.problems == ()


def test_polling_the_same_day_is_not():
    day = BurstyDay(1)
    assert abs(day.polled_wh(60.0) / day.energy_wh - 1.0) > 5e-3


def test_one_percent_of_lost_intervals_is_filled_and_stated():
    errors, expanded = [], []
    for seed in range(8):
        day = BurstyDay(seed)
        rng = np.random.default_rng([seed, 1])
        kept = [each for each in day.means(5.0) if rng.random() > 0.01]
        found = energy(kept, **EXACT, longest_gap_s=30.0)
        assert found.problems == ()
        errors.append(abs(found.value - day.energy_wh))
        expanded.append(found.expanded())
        assert found.value == pytest.approx(day.energy_wh, rel=2e-3)
    assert sum(e <= u for e, u in zip(errors, expanded, strict=True)) >= 7
    assert max(expanded) < 0.005 * day.energy_wh


def test_a_gap_longer_than_allowed_is_a_problem():
    means = BurstyDay(2).means(60.0)
    found = energy(means[:100] + means[110:], **EXACT, longest_gap_s=120.0)
    assert found.problems == ("energy: no interval for 600 s, at most 120 s were allowed",)


def test_every_source_has_its_line_in_the_budget():
    means = BurstyDay(3).means(60.0)
    found = energy(
        means[:5] + means[6:], u_gain=1e-3, u_zero_w=0.5, u_time_base=1e-5, u_phase_rad=1e-3,
        longest_gap_s=60.0, reactive_var=500.0,
    )  # fmt: skip
    by_name = {each.name: each for each in found.budget.components}
    assert by_name["gain of the meter"].contribution == pytest.approx(1e-3 * found.value)
    assert by_name["zero of the meter"].contribution == pytest.approx(12.0)
    assert by_name["phase between volts and amps"].contribution == pytest.approx(12.0)
    assert set(by_name) >= {"clock", "power in the gaps"}


def test_a_signed_power_sums_with_its_sign():
    out, back = Interval(0.0, 1800.0, 1000.0), Interval(1800.0, 3600.0, -400.0)
    assert energy([out, back], **EXACT).value == pytest.approx(300.0)


@given(st.lists(st.tuples(st.floats(1e-3, 1e3), st.floats(-5e3, 5e3)), min_size=1, max_size=50))
def test_energy_does_not_depend_on_the_order_intervals_come_in(parts):
    ends = list(itertools.accumulate(duration for duration, _ in parts))
    starts = [0.0, *ends[:-1]]
    found = [Interval(a, b, w) for a, b, (_, w) in zip(starts, ends, parts, strict=True)]
    forth, back = energy(found, **EXACT), energy(found[::-1], **EXACT)
    assert forth.value == back.value
    assert forth.value * 3600 == pytest.approx(sum(d * w for d, w in parts), abs=1e-2)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_an_interval_without_a_value_is_a_gap(bad):
    parts = [Interval(0.0, 1.0, 100.0), Interval(1.0, 2.0, bad), Interval(2.0, 3.0, 100.0)]
    found = energy(parts, **EXACT, longest_gap_s=2.0)
    assert found.value * 3600.0 == pytest.approx(300.0)
    assert found.problems == ()
    assert "no interval for 1 s" in energy(parts, **EXACT).problems[0]


@pytest.mark.parametrize("where", [0, 2])
def test_a_time_that_begins_or_ends_without_a_value_is_a_problem(where):
    parts = [Interval(n, n + 1.0, math.nan if n == where else 100.0) for n in range(3)]
    assert energy(parts, **EXACT, longest_gap_s=2.0).problems != ()


def test_intervals_that_overlap_are_an_error_of_the_plan():
    first = Interval(0.0, 10.0, 100.0)
    with pytest.raises(UsageError, match="overlap"):
        energy([first, replace(first, start_s=5.0, end_s=15.0)], **EXACT)
    with pytest.raises(UsageError, match="more than no time"):
        energy([], **EXACT)
