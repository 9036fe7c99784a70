"""Records that are not whole, or show nothing: no estimator makes a verdict or a crash of them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.measure import (
    Calibration,
    Capture,
    Limit,
    NoTripSeen,
    Trigger,
    Waveform,
    crest_factor,
    current_at_trip,
    dc_component,
    frequency,
    half_cycle_extremes,
    i2t,
    inrush,
    judge,
    mean_current,
    peak,
    prove_from_samples,
    prove_levels,
    rms,
    thd,
    trip_time,
    zeroed,
)

DT, T0, SIZE = 1e-4, -0.1, 5000
T = T0 + DT * np.arange(SIZE)
FLOWING = 10.0 * np.sin(100.0 * np.pi * T)
CUT_OFF = np.where((T > 0.0) & (T < 0.21), FLOWING, 0.0)
ESTIMATORS = {
    "peak": lambda c: [peak(c, "i")],
    "peak, zero taken off": lambda c: [peak(zeroed(c, "i", until_s=-1e-3), "i")],
    "rms": lambda c: [rms(c, "i", start_s=0.0, end_s=0.2)],
    "half cycles": lambda c: half_cycle_extremes(c, "i", start_s=0.02),
    "i2t": lambda c: [i2t(c, "i", start_s=0.0, duration_s=0.01)],
    "frequency": lambda c: [frequency(c, "i")],
    "crest factor": lambda c: [crest_factor(c, "i")],
    "dc": lambda c: [dc_component(c, "i")],
    "thd": lambda c: [thd(c, "i", start_s=0.0)],
    "mean": lambda c: [mean_current(c, "i", start_s=0.0, end_s=0.2)],
    "inrush": lambda c: [
        getattr(inrush(c, "i"), n) for n in ("peak", "i2t", "multiple", "settles")
    ],
    "trip time": lambda c: [trip_time(c, "i")],
    "trip current": lambda c: [current_at_trip(c, "i")],
}


def capture(values):
    noise = 0.02 * np.random.default_rng(1).normal(size=len(values))
    wave = Waveform(T0, DT, values + noise, "A", "i", resolution=0.01, u_gain=0.005)
    scope = Calibration("scope", date(2026, 1, 1))
    return Capture("c", (wave,), Trigger("stimulus"), date(2025, 1, 1), (scope,))


def outcome(result):
    limit = Limit("R-X-01", "1", result.quantity_name, result.unit, -1e9, 1e9)
    return judge(result, limit)


@pytest.mark.parametrize("name", ESTIMATORS)
@settings(max_examples=5, deadline=None)
@given(
    where=st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=3),
    missing=st.sampled_from([np.nan, np.inf, -np.inf]),
    values=st.sampled_from([FLOWING, CUT_OFF]),
)
def test_a_record_with_a_missing_sample_tells_nothing_and_says_why(name, where, missing, values):
    values = values.copy()
    values[where] = missing
    for result in ESTIMATORS[name](capture(values)):
        verdict = outcome(result)
        assert verdict.outcome == "INCONCLUSIVE"
        assert "samples missing" in verdict.reason
        assert "nan" not in verdict.sentence()


@pytest.mark.parametrize("where", [1500, 2000, 2999])
def test_no_stimulus_is_proven_over_a_missing_sample(where):
    values = FLOWING.copy()
    values[where] = np.nan
    record = capture(values)
    span = {"start_s": 0.0, "end_s": 0.2, "wanted_s": 0.2}
    by_cycles = prove_from_samples(
        record.waveform("i"), **span, frequency_hz=50.0, wanted_low=6.0, wanted_high=8.0
    )
    by_levels = prove_levels(record, "i", **span, shape="ac", low=6.0, high=8.0)
    for proof in (by_cycles, by_levels):
        assert not proof.proven
        assert "samples are missing" in proof.reason


@pytest.mark.parametrize("values", [np.zeros(SIZE), np.full(SIZE, 5.0)], ids=["dead", "constant"])
@pytest.mark.parametrize("name", ["frequency", "thd"])
def test_a_channel_without_a_wave_has_no_frequency_and_no_distortion(name, values):
    (result,) = ESTIMATORS[name](capture(values))
    assert outcome(result).outcome == "INCONCLUSIVE"


@pytest.mark.parametrize("name", ["frequency", "dc"])
def test_less_than_two_cycles_tell_neither_frequency_nor_dc_part(name):
    (result,) = ESTIMATORS[name](capture(FLOWING[:150]))
    assert "too few cycles" in outcome(result).reason


def test_a_current_that_flowed_before_and_flows_on_was_not_cut_off():
    assert isinstance(current_at_trip(capture(FLOWING + 3.0), "i"), NoTripSeen)
