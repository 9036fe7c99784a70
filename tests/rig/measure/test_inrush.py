"""Inrush: a motor that starts with a multiple of its current, a capacitor's peak."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from rig.measure import Calibration, Capture, Trigger, Waveform, inrush

DT = 1e-5


def capture(values):
    rng = np.random.default_rng(2)
    noisy = values + 0.05 * rng.standard_normal(values.size)
    wave = Waveform(-0.1, DT, noisy, "A", "current", u_gain=5e-3)
    due = (Calibration("scope", date(2026, 1, 1)),)
    return Capture("c1", (wave,), Trigger("stimulus"), date(2025, 1, 1), due)


def times(duration_s=1.6):
    return -0.1 + DT * np.arange(round(duration_s / DT))


def motor(t, *, starts_s=0.5, multiple=6.0):
    height = np.where(t < starts_s, multiple, 1.0) * 2**0.5 * 4.0
    return np.where(t >= 0, height * np.sin(2 * np.pi * 50 * t), 0.0)


def test_a_motor_starts_with_its_multiple_for_its_time():
    found = inrush(capture(motor(times())), "current")
    assert found.multiple.value == pytest.approx(6.0, rel=0.01)
    assert found.settles.value == pytest.approx(0.51, abs=0.011)
    assert found.peak.value == pytest.approx(6.0 * 2**0.5 * 4.0, rel=0.01)
    assert found.i2t.value == pytest.approx(0.5 * (24 * 2**0.5) ** 2 * 0.01, rel=0.01)
    for each in (found.peak, found.i2t, found.multiple, found.settles):
        assert each.problems == ()


def test_a_capacitor_charges_in_one_peak_and_is_over():
    t = times()
    values = motor(t, starts_s=0.0) + np.where((t >= 0) & (t < 5e-4), 60.0, 0.0)
    found = inrush(capture(values), "current")
    assert found.peak.value > 55.0
    assert 0.0 < found.settles.value <= 0.021


def test_a_load_without_inrush_has_none():
    found = inrush(capture(motor(times(), multiple=1.0)), "current")
    assert found.settles.value == 0.0
    assert found.multiple.value == pytest.approx(1.0, abs=0.01)


def test_a_record_that_ends_before_the_load_is_steady_says_so():
    t = times()
    falling = np.where(t >= 0, 20.0 * np.exp(-2.0 * t) * np.sin(2 * np.pi * 50 * t), 0.0)
    found = inrush(capture(falling), "current")
    assert found.settles.problems == ("current: not steady within the record",)
    assert found.multiple.problems == found.settles.problems
