import numpy as np
import pytest

from rig.bench.on_off import comes_s, goes_s
from rig.measure import Waveform

DT = 2e-4


def wave(*spans, spikes=()):
    """Return a record from -0.5 to 5 s with 230 V in spans of time, and single high samples."""
    t = -0.5 + DT * np.arange(round(5.5 / DT))
    there = sum(((t >= a) & (t < b)).astype(float) for a, b in spans)
    values = there * 325.0 * np.sin(100 * np.pi * t)
    for at in spikes:
        values[np.argmin(np.abs(t - at))] += 400.0
    return Waveform(-0.5, DT, values, "V", "voltage")


def test_a_wave_that_ends_and_comes_back_is_seen_to_a_millisecond():
    record = wave((-0.5, 1.0), (3.003, 5.0))
    assert goes_s(record, 50.0, after_s=0.0) == pytest.approx(1.0, abs=1e-3)
    assert comes_s(record, 50.0, after_s=1.0) == pytest.approx(3.003, abs=1e-3)


def test_a_wave_that_stays_neither_goes_nor_comes():
    record = wave((-0.5, 5.0))
    assert goes_s(record, 50.0, after_s=0.0) is None
    assert comes_s(record, 50.0, after_s=0.0) is None


def test_a_record_without_any_has_nothing():
    record = wave((0.0, 0.0))
    assert goes_s(record, 50.0, after_s=0.0) is None
    assert comes_s(record, 50.0, after_s=-1.0) is None


def test_a_spike_is_no_wave():
    record = wave((-0.5, 1.0), (4.0, 5.0), spikes=(2.0,))
    assert comes_s(record, 50.0, after_s=1.0) == pytest.approx(4.0, abs=1e-3)


def test_what_went_before_does_not_count():
    record = wave((-0.5, 0.2), (1.0, 2.0), (3.0, 5.0))
    assert goes_s(record, 50.0, after_s=1.5) == pytest.approx(2.0, abs=1e-3)
    assert comes_s(record, 50.0, after_s=1.5) == pytest.approx(3.0, abs=1e-3)
