"""The proof of a stimulus from samples."""

import numpy as np
import pytest

from rig.measure import Waveform, prove_from_samples


def test_a_long_hold_is_judged_by_means_that_noise_does_not_move():
    rng = np.random.default_rng(4)
    t = np.arange(0.0, 60.0, 1e-3)
    values = 10.0 * np.sqrt(2.0) * np.sin(2 * np.pi * 50.0 * t) + rng.normal(0.0, 0.6, t.size)
    wave = Waveform(0.0, 1e-3, values, "A", "current")
    bounds = {"start_s": 0.0, "end_s": 60.0, "frequency_hz": 50.0, "wanted_s": 60.0}
    bounds |= {"wanted_low": 9.8, "wanted_high": 10.2}
    assert not prove_from_samples(wave, **bounds).in_tolerance
    assert prove_from_samples(wave, **bounds, averaged_s=0.2).in_tolerance


def test_a_dip_of_a_few_cycles_is_still_seen_in_a_long_hold():
    t = np.arange(0.0, 30.0, 1e-3)
    level = np.where((t > 12.0) & (t < 12.1), 8.0, 10.0)
    values = level * np.sqrt(2.0) * np.sin(2 * np.pi * 50.0 * t)
    wave = Waveform(0.0, 1e-3, values, "A", "current")
    proof = prove_from_samples(
        wave,
        start_s=0.0,
        end_s=30.0,
        frequency_hz=50.0,
        wanted_low=9.8,
        wanted_high=10.2,
        wanted_s=30.0,
        averaged_s=0.2,
    )
    assert not proof.in_tolerance


@pytest.mark.parametrize("start_s", [0.0, 0.003, 0.0077])
@pytest.mark.parametrize("cycles", [1.02, 1.3, 1.55, 1.7])
def test_a_level_that_stood_for_just_over_a_cycle_is_judged_wherever_it_began(start_s, cycles):
    t = np.arange(0.0, 0.1, 1e-5)
    wave = Waveform(0.0, 1e-5, 10.0 * np.sqrt(2.0) * np.sin(2 * np.pi * 50.0 * t), "A", "current")
    end_s = start_s + cycles / 50.0
    bounds = {"start_s": start_s, "end_s": end_s, "frequency_hz": 50.0, "wanted_s": 0.02}
    assert prove_from_samples(wave, **bounds, wanted_low=9.9, wanted_high=10.1).in_tolerance
    assert not prove_from_samples(wave, **bounds, wanted_low=10.2, wanted_high=11.0).in_tolerance
