"""The end of an output after a known edge, on records whose truth is known."""

import math
from datetime import date

import numpy as np
import pytest

from rig.bench.switch_off import SECOND_CONTACT, Instant, off_at, time_to_off
from rig.measure import Capture, Measurement, NoTripSeen, StimulusProof, Trigger, Waveform

HZ, DT_S, PEAK_V, PEAK_A = 50.0, 1e-5, 325.0, 12.0


def record(off_s, *, current_off_s=None, back_s=None, phase=0.3, noise=0.5, zero_v=0.0):
    """Return a capture whose voltage (and current) ends, and may come back."""
    t_s = np.arange(-0.1, 0.4, DT_S)
    sine = np.sin(2.0 * math.pi * HZ * t_s + phase)
    on = t_s < off_s if back_s is None else (t_s < off_s) | (t_s >= back_s)
    carrying = t_s < (off_s if current_off_s is None else current_off_s)
    rng = np.random.default_rng(1)
    volts = PEAK_V * sine * on + zero_v + noise * rng.standard_normal(t_s.size)
    amps = PEAK_A * sine * carrying + 0.02 * rng.standard_normal(t_s.size)
    waves = tuple(
        Waveform(float(t_s[0]), DT_S, values, unit, name)
        for name, unit, values in (("socket_voltage", "V", volts), ("socket_current", "A", amps))
    )
    return Capture("c", waves, Trigger("stimulus"), date(2026, 1, 1), nominal_hz=HZ)


def proof(end_s):
    return StimulusProof(1.0, "1", 1.0, 1.0, end_s, end_s, 1.0, 1.0)


@pytest.mark.parametrize("off_s", [0.0203, 0.0731, 0.1234])
def test_an_electronic_switch_off_is_found_within_what_is_stated(off_s):
    end = off_at(record(off_s), after_s=0.0)
    assert abs(end.t_s - off_s) <= end.within_s + DT_S


def test_an_opening_at_a_zero_is_found_within_what_is_stated():
    zero_s = (2.0 * math.pi * 4 - 0.3) / (2.0 * math.pi * HZ)
    end = off_at(record(zero_s, zero_v=3.0), after_s=0.0)
    assert abs(end.t_s - zero_s) <= end.within_s + DT_S
    assert end.within_s < 0.3e-3


def test_the_later_of_voltage_and_current_counts():
    end = off_at(record(0.05, current_off_s=0.0731), after_s=0.0)
    assert end.t_s == pytest.approx(0.0731, abs=0.3e-3)


def test_what_goes_on_to_the_end_of_the_record_is_no_end():
    assert off_at(record(1.0), after_s=0.0) is None
    result = time_to_off(record(1.0), "off", SECOND_CONTACT, proof)
    assert isinstance(result, NoTripSeen)
    assert result.watched_s == pytest.approx(0.4, abs=1e-4)
    assert result.stimulus.held_s == pytest.approx(0.4, abs=1e-4)


def test_what_comes_back_later_has_ended_all_the_same():
    assert off_at(record(0.0731, back_s=0.2), after_s=0.0).t_s == pytest.approx(0.0731, abs=3e-4)


def test_the_edge_and_its_uncertainty_count():
    edge = Instant(0.010, 0.002)
    result = time_to_off(record(0.0731), "off", edge, proof, ("odd",))
    assert isinstance(result, Measurement)
    assert result.value == pytest.approx(0.0631, abs=3e-4)
    assert result.expanded() >= 2.0 * 0.002 / math.sqrt(3.0)
    assert "odd" in result.problems
    assert (result.onset_s, result.stimulus.held_s) == (0.010, result.end_s)


@pytest.mark.parametrize("off_s", [-0.05, -0.015])
def test_an_output_that_went_off_before_the_edge_is_no_result_of_it(off_s):
    result = time_to_off(record(off_s), "off", SECOND_CONTACT, proof)
    assert any("off before the stimulus" in each for each in result.problems)


@pytest.mark.parametrize("off_s", [-0.0008, 0.0, 0.05])
def test_an_output_that_goes_off_as_early_as_the_edge_may_be_is_one(off_s):
    assert time_to_off(record(off_s), "off", SECOND_CONTACT, proof).problems == ()


def test_what_was_off_before_is_off_at_the_edge():
    assert off_at(record(-0.001), after_s=0.0).t_s == 0.0
