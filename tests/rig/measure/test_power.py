"""RMS, i2t, frequency, THD and the rest against closed forms."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.errors import UsageError
from rig.measure import (
    Calibration,
    Capture,
    Trigger,
    Waveform,
    crest_factor,
    dc_component,
    frequency,
    half_cycle_extremes,
    half_cycle_rms,
    i2t,
    peak,
    prove_from_readings,
    prove_from_samples,
    rms,
    sliding_rms,
    thd,
    zeroed,
)

DT = 1e-5


def times(duration=0.3, t0=-0.05, dt=DT):
    return t0 + dt * np.arange(round(duration / dt))


def wave(values, t0=-0.05, dt=DT, **more):
    return Waveform(t0, dt, np.asarray(values, float), "A", "x", **more)


def capture(values, **more):
    return Capture(
        "c",
        (wave(values, **more),),
        Trigger("stimulus"),
        date(2025, 1, 1),
        (Calibration("scope", date(2026, 1, 1)),),
    )


frequencies = st.floats(47.5, 52.5)
amplitudes = st.floats(0.01, 500.0)
angles = st.floats(0.0, 6.28)


@settings(max_examples=30, deadline=None)
@given(frequencies, amplitudes, angles)
def test_rms_of_a_sine_is_its_peak_over_root_two(f, a, angle):
    x = a * np.sin(2 * np.pi * f * times() + angle)
    expected = pytest.approx(a / np.sqrt(2), rel=1e-6)
    assert half_cycle_rms(wave(x)).values.tolist() == [expected] * half_cycle_rms(wave(x)).t_s.size
    slid = sliding_rms(wave(x), frequency_hz=f).values
    assert (slid.min(), slid.max()) == (expected, expected)
    assert rms(capture(x), "x", start_s=0.0, end_s=5 / f).value == expected


@settings(max_examples=30, deadline=None)
@given(frequencies, amplitudes, angles, st.floats(1e-3, 0.2))
def test_i2t_of_a_sine_is_the_integral_of_its_square(f, a, angle, duration):
    w = 2 * np.pi * f
    x = a * np.sin(w * times() + angle)

    def area(t):
        return a * a * (t / 2 - np.sin(2 * (w * t + angle)) / (4 * w))

    result = i2t(capture(x), "x", start_s=0.0, duration_s=duration)
    assert result.value == pytest.approx(area(duration) - area(0.0), rel=1e-4, abs=1e-7 * a * a)


@settings(max_examples=20, deadline=None)
@given(st.floats(47.5, 52.5), st.floats(0.5, 10.0), st.floats(0.5, 10.0))
def test_thd_does_not_depend_on_the_frequency(f, third, seventh):
    t = times(0.3)
    x = np.sin(2 * np.pi * f * t) + 0.01 * third * np.sin(6 * np.pi * f * t + 1)
    x += 0.01 * seventh * np.sin(14 * np.pi * f * t + 2)
    assert thd(capture(x), "x").value == pytest.approx(np.hypot(third, seventh), rel=2e-3)


def test_thd_counts_interharmonics_next_to_a_harmonic():
    t = times(0.3)
    x = np.sin(100 * np.pi * t) + 0.03 * np.sin(2 * np.pi * 255.0 * t)
    assert thd(capture(x), "x").value == pytest.approx(3.0, rel=0.02)


def test_thd_needs_ten_cycles_and_a_rate_that_carries_the_orders():
    with pytest.raises(UsageError, match="ten cycles"):
        thd(capture(np.sin(100 * np.pi * times(0.15))), "x")
    t = times(0.3, dt=1e-3)
    with pytest.raises(UsageError, match="too slow"):
        thd(capture(np.sin(100 * np.pi * t), dt=1e-3), "x")


@settings(max_examples=20, deadline=None)
@given(frequencies, st.floats(-0.5, 0.5))
def test_frequency_and_dc_part_are_those_of_the_signal(f, offset):
    x = np.sin(2 * np.pi * f * times()) + offset
    assert frequency(capture(x), "x").value == pytest.approx(f, abs=1e-5)
    assert dc_component(capture(x), "x").value == pytest.approx(offset, abs=1e-6)


def test_peak_looks_only_later_than_asked():
    t = times()
    x = np.where((t >= 0) & (t < 90e-6), 500.0, 80.0 * (t >= 0))
    assert peak(capture(x), "x").value == 500.0
    assert peak(capture(x), "x", later_than_s=100e-6).value == 80.0


def flat(noise, *, offset=0.0, level=80.0, seed=0, dt=2e-6):
    """A limited current of 250 us in noise, on a channel with a zero of its own."""
    t = np.arange(-0.05, 0.05, dt)
    rng = np.random.default_rng(seed)
    x = np.where((t >= 0) & (t < 250e-6), level, 0.0) + offset
    return capture(x + noise * rng.standard_normal(t.size), dt=dt, resolution=0.1 * noise)


def test_the_largest_of_many_noisy_samples_is_not_taken_for_the_peak():
    found = [peak(flat(1.0, seed=n), "x", later_than_s=1e-4) for n in range(40)]
    errors = np.array([f.value - 80.0 for f in found])
    assert abs(errors.mean()) < 0.4
    assert np.mean(np.abs(errors) <= [f.expanded() for f in found]) >= 0.9


def test_a_sharp_peak_is_not_lost():
    t = np.arange(-0.05, 0.05, 2e-6)
    noise = 0.5 * np.random.default_rng(3).standard_normal(t.size)
    ramp = np.where((t >= 0) & (t < 4e-5), 1e6 * t, 0.0)
    found = peak(capture(ramp + noise, dt=2e-6), "x")
    assert found.value == pytest.approx(38.0, abs=1.5)  # its last sample


def test_noise_adds_nothing_to_i2t():
    found = [i2t(flat(11.0, seed=n), "x", start_s=-1e-5, duration_s=0.01) for n in range(40)]
    errors = np.array([f.value - 1.6 for f in found])  # 80 A for 250 us
    assert abs(errors.mean()) < 0.03  # the square of the noise alone makes 1.2 A2s
    assert np.mean(np.abs(errors) <= [f.expanded() for f in found]) >= 0.9
    assert max(f.expanded() for f in found) < 0.6


def test_a_quiet_stretch_before_the_trigger_gives_the_zero():
    found = zeroed(flat(5.0, offset=20.0), "x", until_s=-1e-3)
    result = i2t(found, "x", start_s=-1e-5, duration_s=0.01)
    assert result.value == pytest.approx(1.6, abs=result.expanded())
    assert found.waveform("x").u_offset < 0.05


def test_a_stretch_with_a_current_gives_no_zero():
    t = times(0.1)
    loaded = capture(10.0 * np.sin(100 * np.pi * t) + 0.5, u_offset=0.3)
    assert zeroed(loaded, "x", until_s=0.0) is loaded


def test_crest_factor_of_a_sine_is_root_two_and_of_a_square_one():
    t = times()
    assert crest_factor(capture(np.sin(100 * np.pi * t)), "x").value == pytest.approx(
        np.sqrt(2), rel=1e-4
    )
    square = np.sign(np.sin(100 * np.pi * t + 1e-4))
    assert crest_factor(capture(square), "x").value == pytest.approx(1.0, rel=2e-3)


def test_a_dip_of_one_cycle_is_fully_seen_by_half_cycle_rms():
    t = times()
    x = np.sin(100 * np.pi * t) * np.where((t >= 0) & (t < 0.02), 0.5, 1.0)
    low, high = half_cycle_extremes(capture(x), "x", start_s=0.0)
    assert low.value == pytest.approx(0.5 / np.sqrt(2), rel=1e-3)
    assert high.value == pytest.approx(1.0 / np.sqrt(2), rel=1e-3)


def test_the_gain_of_a_probe_enters_i2t_twice():
    x = np.full(times().size, 10.0)
    result = i2t(capture(x, u_gain=0.01), "x", start_s=0.0, duration_s=0.01)
    assert result.value == pytest.approx(1.0)
    gain = next(c for c in result.budget.components if c.name.startswith("gain"))
    assert gain.contribution == pytest.approx(0.02)


def test_a_clipped_channel_is_a_problem_of_every_value():
    assert "x: clipped" in peak(capture(np.ones(1000), clipped=True), "x").problems


def test_a_stimulus_is_proven_only_when_every_half_cycle_is_in_tolerance():
    t = times(0.5)
    steady = 10 * np.sqrt(2) * np.sin(100 * np.pi * t)
    asked = {
        "start_s": 0.0,
        "end_s": 0.4,
        "frequency_hz": 50.0,
        "wanted_low": 9.8,
        "wanted_high": 10.2,
        "wanted_s": 0.4,
    }
    assert prove_from_samples(wave(steady), **asked).proven
    dipped = steady * np.where((t > 0.2) & (t < 0.23), 0.9, 1.0)
    proof = prove_from_samples(wave(dipped), **asked)
    assert not proof.in_tolerance
    assert "found" in proof.reason
    short = prove_from_samples(wave(steady), **{**asked, "end_s": 0.3})
    assert short.in_tolerance
    assert "held 0.3 s of 0.4 s" in short.reason


def test_readings_prove_a_stimulus_only_without_long_gaps():
    asked = {"unit": "A", "wanted_low": 9.0, "wanted_high": 11.0, "wanted_s": 2.0}
    dense = [0.0, 0.5, 1.0, 1.5, 2.0]
    assert prove_from_readings(dense, [10.0] * 5, longest_gap_s=0.6, **asked).proven
    gappy = prove_from_readings([0.0, 0.5, 2.0], [10.0] * 3, longest_gap_s=0.6, **asked)
    assert not gappy.proven
    assert "no reading for 1.5 s" in gappy.reason
    assert not prove_from_readings([0.0], [10.0], longest_gap_s=1.0, **asked).proven


@given(st.lists(st.one_of(st.floats(0.0, 100.0), st.just(float("nan"))), min_size=2, max_size=6))
def test_readings_whose_stamps_go_back_or_are_missing_prove_nothing(stamps):
    proof = prove_from_readings(
        stamps,
        [10.0] * len(stamps),
        unit="A",
        wanted_low=9.0,
        wanted_high=11.0,
        wanted_s=0.0,
        longest_gap_s=100.0,
    )
    in_order = all(b >= a for a, b in itertools.pairwise(stamps))
    assert proof.proven == (in_order and stamps[-1] > stamps[0])


@pytest.mark.parametrize("f", [47.5, 49.9, 51.0, 52.5])
def test_thd_through_a_scope_is_right_to_a_twentieth_of_a_point_at_any_frequency(f):
    t = times(0.26)
    rng = np.random.default_rng(int(10 * f))
    errors, expanded = [], []
    for _ in range(4):
        x = 325.0 * (np.sin(2 * np.pi * f * t) + 0.03 * np.sin(6 * np.pi * f * t + 1))
        noisy = x + 3.75 * rng.standard_normal(t.size)
        found = thd(capture(6.3 * np.round(noisy / 6.3), resolution=6.3), "x")
        errors.append(found.value - 3.0)
        expanded.append(found.expanded())
    assert np.max(np.abs(errors)) <= 0.05
    assert np.max(np.abs(errors)) <= 2.0 * max(expanded)
    assert max(expanded) < 0.05
