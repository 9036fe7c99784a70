"""Quantities, budgets, waveforms and captures."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.capabilities import ScopeTrace
from instruments.errors import UsageError
from rig.measure import (
    Budget,
    Calibration,
    Capture,
    Component,
    Quantity,
    Trigger,
    Waveform,
    waveform_of,
)


def two_channels(**more):
    x = np.arange(1000.0)
    waves = (Waveform(-0.1, 1e-3, x, "A", "current"), Waveform(-0.1, 1e-3, -x, "V", "voltage"))
    return Capture("c", waves, Trigger("stimulus"), date(2025, 6, 1), **more)


@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(-10, 10)), max_size=8))
def test_a_budget_combines_by_root_of_squares(lines):
    parts = tuple(Component(f"c{i}", "B", "normal", u, s) for i, (u, s) in enumerate(lines))
    expected = sum((u * s) ** 2 for u, s in lines) ** 0.5
    assert Budget("s", parts).u == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert Budget("s", parts).expanded() == pytest.approx(2 * expected, rel=1e-9, abs=1e-12)


def test_a_half_width_is_divided_by_its_distribution():
    assert Component.within("r", 3.0).u == pytest.approx(3.0 / 3**0.5)
    assert Component.within("t", 3.0, distribution="triangular").u == pytest.approx(3.0 / 6**0.5)


def test_a_budget_prints_as_an_aligned_table():
    budget = Budget("s", (Component("jitter", "B", "normal", 1e-4), Component.within("x", 1e-3)))
    lines = budget.table().splitlines()
    assert lines[0].split()[:2] == ["source", "type"]
    assert lines[-1].startswith("expanded (k=2)")
    assert len({line.index(" B ") for line in lines[1:3]}) == 1


def test_an_uncertainty_below_zero_is_refused():
    with pytest.raises(ValueError, match="0 or above"):
        Quantity(1.0, "V", -0.1)
    with pytest.raises(ValueError, match="0 or above"):
        Component("x", "A", "normal", float("nan"))


def test_a_trace_of_a_scope_becomes_a_named_waveform():
    trace = ScopeTrace(2, -0.5, 0.1, np.arange(10.0), clipped=True, resolution=0.25)
    wave = waveform_of(trace, name="current", unit="A", u_gain=0.01)
    assert (wave.t0_s, wave.dt_s, wave.resolution, wave.clipped) == (-0.5, 0.1, 0.25, True)
    assert wave.end_s == pytest.approx(0.5)


def test_samples_cannot_be_changed():
    wave = two_channels().waveform("current")
    with pytest.raises(ValueError, match="read-only"):
        wave.values[0] = 1.0


def test_a_slice_holds_the_samples_from_its_start_up_to_but_not_at_its_end():
    part = two_channels().between(0.0, 0.01)
    assert part.waveform("current").values.tolist() == list(range(100, 110))
    assert part.waveform("current").t0_s == pytest.approx(0.0)
    with pytest.raises(UsageError, match="no sample"):
        part.between(5.0, 6.0)


def test_channels_of_one_capture_share_one_time_base_and_have_names_of_their_own():
    one = Waveform(0.0, 1e-3, np.zeros(5), "A", "a")
    for other in (Waveform(0.0, 2e-3, np.zeros(5), "A", "b"), one):
        with pytest.raises(UsageError, match="one time base"):
            Capture("c", (one, other), Trigger("free"), date(2025, 1, 1))


def test_an_instrument_is_good_through_its_last_day_and_not_beyond():
    due = (Calibration("scope", date(2025, 6, 1)),)
    assert two_channels(calibrations=due).problems == ()
    late = (Calibration("scope", date(2025, 5, 31)), Calibration("probe", None))
    assert two_channels(calibrations=late).problems == (
        "scope: calibration overdue since 2025-05-31",
        "probe: no calibration",
    )
