"""Residual currents against synthetic truth: trip times, levels, and the current at the trip."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from rig.measure import (
    Calibration,
    Capture,
    Measurement,
    NoTripSeen,
    Trigger,
    Waveform,
    current_at_trip,
    mean_current,
    prove_levels,
    trip_time,
    zeroed,
)
from rig.measure.synthetic_residual import RESIDUAL_KINDS, random_residual_trip

CURRENT, VOLTAGE = "residual_current", "socket_voltage"
DT = 1e-5
W = 2 * np.pi * 50.0


def timed(capture, *, pulsating=False, **more):
    return trip_time(
        zeroed(capture, CURRENT, until_s=-1e-3),
        CURRENT,
        reference=VOLTAGE,
        poles=(VOLTAGE,),
        starts_at="current" if pulsating else "trigger",
        **more,
    )


def record(current, voltage, *, duration_s=0.6, noise=2e-4, **more):
    """Build a capture of both channels from functions of time, the trigger at 0."""
    rng = np.random.default_rng(1)
    t = -0.1 + DT * np.arange(round(duration_s / DT))
    channels = ((CURRENT, "A", current(t), noise), (VOLTAGE, "V", voltage(t), 2.0))
    waves = tuple(
        Waveform(-0.1, DT, values + sigma * rng.standard_normal(t.size), unit, name)
        for name, unit, values, sigma in channels
    )
    due = (Calibration("scope", date(2026, 1, 1)),)
    return Capture("c1", waves, Trigger("stimulus", 5e-6), date(2025, 1, 1), due, **more)


def mains(until_s=10.0):
    return lambda t: np.where(t < until_s, 325.0 * np.sin(W * t), 0.0)


def sine(rms_a, until_s):
    return lambda t: np.where((t >= 0) & (t < until_s), 2**0.5 * rms_a * np.sin(W * t), 0.0)


@pytest.mark.parametrize("kind", RESIDUAL_KINDS)
def test_random_trips_of_every_shape_are_unbiased_and_honestly_uncertain(kind):
    errors, covered = [], []
    for n in range(30):
        truth = random_residual_trip(np.random.default_rng([31, n]), kind)
        result = timed(truth.capture, pulsating=kind.startswith("pulsating"))
        assert isinstance(result, Measurement), (n, result)
        assert result.problems == (), (n, result.problems)
        errors.append(result.value - truth.trip_time_s)
        covered.append(abs(errors[-1]) <= result.expanded())
    assert abs(np.mean(errors)) <= 0.02e-3
    assert np.max(np.abs(errors)) <= 0.2e-3
    assert sum(covered) >= 25


def test_the_last_pole_to_open_ends_the_trip():
    result = timed(record(sine(0.03, 0.1), mains(0.103)))
    assert isinstance(result, Measurement)
    assert result.value == pytest.approx(0.103, abs=5e-5)
    assert any(VOLTAGE in note for note in result.notes)


def test_a_pole_that_stays_closed_contradicts_the_trip():
    result = timed(record(sine(0.03, 0.1), mains()))
    assert f"{VOLTAGE} does not confirm the end of the current" in result.problems


def test_half_waves_that_run_out_by_themselves_are_no_trip():
    def half_waves(t):
        return np.maximum(sine(0.04, 0.3)(t), 0.0)

    result = timed(record(half_waves, mains()), pulsating=True, stimulus_ends_s=0.3)
    assert isinstance(result, NoTripSeen)


def test_half_waves_are_timed_from_their_own_onset():
    def negative(t):
        return np.minimum(sine(0.04, 0.12)(t), 0.0)

    result = timed(record(negative, mains(0.12)), pulsating=True)
    assert result.problems == ()
    assert result.onset_s == pytest.approx(0.01, abs=5e-5)
    assert result.value == pytest.approx(0.11, abs=1e-4)


@pytest.mark.parametrize(("closes_deg", "told"), [(175.0, False), (179.5, True), (200.0, True)])
def test_half_waves_that_began_with_a_hidden_tail_are_not_timed(closes_deg, told):
    at = np.radians(closes_deg)

    def half_waves(t):
        wave = np.maximum(0.057 * np.sin(W * t + at), 0.0)
        return np.where((t >= 0) & (t < 0.12), wave, 0.0)

    result = timed(record(half_waves, mains(0.12), noise=1e-3), pulsating=True)
    assert isinstance(result, Measurement)
    assert any("end of a half-wave" in problem for problem in result.problems) is not told


def level_of(current, low, high, shape="ac", end_s=0.2):
    capture = record(current, mains(end_s))
    return prove_levels(
        capture, CURRENT, shape=shape, low=low, high=high, start_s=0.0, end_s=end_s, wanted_s=end_s
    )


def test_a_level_is_proven_over_the_whole_time():
    proof = level_of(sine(0.0314, 0.2), 0.0305, 0.0324)
    assert proof.proven
    assert proof.level == pytest.approx(0.0314, rel=2e-3)


def test_one_half_cycle_that_sagged_unproves_a_level():
    def sagging(t):
        return sine(0.0314, 0.2)(t) * np.where((t > 0.05) & (t < 0.06), 0.9, 1.0)

    assert not level_of(sagging, 0.0305, 0.0324).in_tolerance


def test_a_trip_after_a_single_half_cycle_still_has_a_level():
    proof = level_of(sine(0.15, 0.012), 0.145, 0.155, end_s=0.012)
    assert proof.in_tolerance
    assert not level_of(sine(0.15, 0.004), 0.145, 0.155, end_s=0.004).in_tolerance


def test_a_smooth_current_is_levelled_by_its_mean_and_either_sign():
    def smooth(t):
        return np.where((t >= 0) & (t < 0.2), -0.0062, 0.0)

    assert level_of(smooth, 0.006, 0.0064, shape="dc").proven


def test_the_mean_of_half_waves_is_their_dc_part():
    def half_waves(t):
        return np.maximum(sine(0.01, 0.4)(t), 0.0)

    result = mean_current(record(half_waves, mains()), CURRENT, start_s=0.0, end_s=0.35)
    assert result.value == pytest.approx(2**0.5 * 0.01 / np.pi, rel=5e-3)


def staircase(t, *, step_a=0.25e-3, every_s=0.05):
    rms = step_a * np.floor(np.maximum(t, 0.0) / every_s + 1.0)
    return 2**0.5 * rms * np.sin(W * t)


def ramp(trips_s, voltage_ends_s=None):
    return record(
        lambda t: np.where((t >= 0) & (t < trips_s), staircase(t), 0.0),
        mains(trips_s if voltage_ends_s is None else voltage_ends_s),
        duration_s=5.0,
        noise=1e-4,
    )


def test_a_ramp_tells_the_current_at_which_it_was_cut_off():
    result = current_at_trip(ramp(4.2), CURRENT, poles=(VOLTAGE,))
    assert isinstance(result, Measurement)
    assert result.problems == ()
    assert result.value == pytest.approx(0.021, abs=0.15e-3)
    # 0.3 s of a ramp of 5 mA/s before it the unit may have made up its mind
    assert 1.0e-3 < result.expanded() < 3e-3


def test_a_ramp_that_nothing_cut_off_is_no_trip():
    assert isinstance(current_at_trip(ramp(9.0), CURRENT, poles=(VOLTAGE,)), NoTripSeen)
    ended = current_at_trip(ramp(4.2, 9.0), CURRENT, poles=(VOLTAGE,), ramp_ends_s=4.2)
    assert isinstance(ended, NoTripSeen)


def test_a_ramp_that_ended_while_the_socket_stayed_on_is_no_trip_current():
    result = current_at_trip(ramp(4.2, 9.0), CURRENT, poles=(VOLTAGE,))
    assert f"{VOLTAGE} does not confirm the end of the current" in result.problems


def test_a_record_without_residual_current_tells_no_trip_current():
    capture = record(np.zeros_like, mains())
    result = current_at_trip(capture, CURRENT)
    assert isinstance(result, NoTripSeen)
    assert any("no stimulus" in problem for problem in result.problems)


def test_clipped_samples_prove_no_level():
    capture = record(sine(0.03, 0.2), mains())
    clipped = replace(capture.waveforms[0], clipped=True)
    clipped = replace(capture, waveforms=(clipped, capture.waveforms[1]))
    proof = prove_levels(
        clipped, CURRENT, shape="ac", low=0.0, high=1.0, start_s=0.0, end_s=0.2, wanted_s=0.2
    )
    assert not proof.in_tolerance
