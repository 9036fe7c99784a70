from datetime import date

import numpy as np
import pytest

from rig.bench.recovery import recovery_time
from rig.measure import Capture, Trigger, Waveform

DT = 1e-5


def record(envelope, *, phase_deg=0.0, noise=3.0, seed=0, length_s=0.19):
    """Return a record in which 230 V are full until 0, and what ``envelope`` says from then on."""
    t = -0.1 + DT * np.arange(round((0.1 + length_s) / DT))
    after = 325.27 * np.sin(100 * np.pi * t + np.radians(phase_deg))
    values = np.where(t < 0.0, 325.27 * np.sin(100 * np.pi * t), after * envelope(t))
    values = values + np.random.default_rng(seed).normal(0.0, noise, t.size)
    wave = Waveform(t[0], DT, values, "V", "voltage", u_gain=0.005, u_offset=3.75)
    return Capture("c", (wave,), Trigger("stimulus"), taken_on=date(2026, 1, 1))


def step(at_s):
    return lambda t: (t >= at_s).astype(float)


def back(capture):
    return recovery_time(capture, "voltage", nominal_v=230.0, tolerance=0.1)


@pytest.mark.parametrize("at_s", [0.005, 0.0262, 0.0388, 0.061])
@pytest.mark.parametrize("phase_deg", [0.0, 70.0, 180.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_voltage_that_jumps_back_is_back_then_whatever_its_phase(at_s, phase_deg, seed):
    result = back(record(step(at_s), phase_deg=phase_deg, seed=seed))
    # Near its zeros the wave is within a tenth of its peak from nothing at all.
    assert at_s - 0.9e-3 <= result.value <= at_s + 2 * result.budget.u + 0.1e-3


def test_a_ramp_is_back_when_it_has_come_within_a_tenth():
    ramp_from, ramp_s = 0.0134, 0.015
    result = back(record(lambda t: np.clip((t - ramp_from) / ramp_s, 0.0, 1.0)))
    assert 0.0234 < result.value < 0.0284


def test_a_voltage_that_sags_again_is_back_after_the_sag():
    def envelope(t):
        return step(0.02)(t) * np.where((t > 0.05) & (t < 0.0625), 0.8, 1.0)

    assert back(record(envelope)).value == pytest.approx(0.0625, abs=0.4e-3)


def test_a_voltage_that_stays_too_low_is_never_back():
    result = back(record(lambda t: np.full(t.size, 0.85)))
    assert result.value > 0.18
    assert result.notes == ("not back when the record ended",)


def test_a_voltage_that_was_never_away_takes_no_time():
    assert back(record(lambda t: np.ones(t.size))).value == 0.0
