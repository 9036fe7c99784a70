"""What a plan's handle on a capture says, with samples and without."""

from __future__ import annotations

import numpy as np
import pytest

from rig.bench.wave import RESIDUAL, VOLTAGE, Wave
from rig.measure import Limit, Measurement, NoTripSeen, judge
from rig.measure.signals import EnvelopePoint, excess, is_constant, within_envelope
from rig.measure.synthetic_residual import random_residual_trip

TRIP = Limit("R-X-01", "1.0", "trip_time", "s", None, 1.0, kind="trip_time")


@pytest.fixture
def never():
    """Build a capture whose trigger never came."""
    return Wave("capture-001-A", "A")


def recorded(kind="ac", seed=4):
    truth = random_residual_trip(np.random.default_rng([seed, 1]), kind)
    wave = Wave("capture-001-A", "A")
    wave.attach(truth.capture)
    return wave, truth


def test_without_a_trigger_no_question_gets_a_verdict(never):
    proof = never.prove_residual(0.02, 0.03, end_s=0.3, wanted_s=0.3)
    assert not proof.in_tolerance
    timed = never.trip_time(proof, of=RESIDUAL)
    assert isinstance(timed, NoTripSeen)
    assert judge(timed, TRIP).outcome == "INCONCLUSIVE"
    ramp = never.current_at_trip()
    assert isinstance(ramp, NoTripSeen)
    current = Limit("R-X-02", "1.0", "trip_current", "A", 0.015, 0.03)
    assert judge(ramp, current).outcome == "INCONCLUSIVE"
    mean = Limit("R-X-03", "1.0", "mean_dc", "A", None, 0.003)
    inside = Limit("R-X-04", "1.0", "inside", "V", None, 0.0)
    assert judge(never.mean_residual(0.0, 0.1), mean).outcome == "INCONCLUSIVE"
    for signal in (never.signal(), never.rms_signal()):
        check = is_constant(signal, 230.0, tolerance=1e9, start_s=0.0, end_s=0.1)
        assert judge(excess(check, "inside"), inside).outcome == "INCONCLUSIVE"


@pytest.mark.parametrize("kind", ["ac", "pulsating 90", "dc"])
def test_a_residual_trip_is_timed_and_its_level_proven(kind):
    wave, truth = recorded(kind)
    shape = kind.split()[0]
    result = wave.trip_time(of=RESIDUAL, shape=shape)
    assert isinstance(result, Measurement)
    assert result.value == pytest.approx(truth.trip_time_s, abs=0.1e-3)
    proof = wave.prove_residual(
        0.0, 1.0, start_s=truth.onset_s, end_s=truth.onset_s + 0.04, wanted_s=0.04, shape=shape
    )
    assert proof.proven
    assert proof.lowest == pytest.approx(proof.highest, rel=0.05)


def test_half_cycle_values_follow_the_voltage_until_it_ends():
    wave, truth = recorded()
    end_s = truth.end_s
    signal = wave.rms_signal(VOLTAGE)
    envelope = (EnvelopePoint(0.0, 220.0, 240.0), EnvelopePoint(end_s + 0.03, None, 20.0))
    before = within_envelope(signal, envelope[:1], end_s=end_s - 0.01)
    assert before.holds
    whole = within_envelope(signal, envelope[:1], end_s=end_s + 0.03)
    assert whole.outside[0].start_s == pytest.approx(end_s, abs=0.011)
