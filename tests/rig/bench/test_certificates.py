"""The simulated meters keep to what the bench file's certificates say of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rig.bench.calibration import reading_quantity, uncertainty_of
from rig.clock import VirtualClock
from rig.session import load_bench
from rig.virtual.boxes.ac_load import LoadMeters, LoadRatings
from rig.virtual.boxes.analyser_panel import Element
from rig.virtual.boxes.scope_panel import ScopePanel
from rig.virtual.ports import AcQuantities

BENCH = load_bench(Path(__file__).parents[3] / "benches" / "virtual.yaml")
SEEDS = 200
QUANTITIES = {"voltage": "V", "current": "A", "power": "W", "frequency": "Hz"}
DIVISIONS_PER_PEAK = 3.2
"""The driver lets a peak fill 80 % of half the screen."""


class Terminals:
    """A port that always shows the same."""

    def __init__(self, true: AcQuantities) -> None:
        self.true = true

    def average(self, _start_s, _end_s):
        return self.true


def true_quantities(level):
    amps = 0.2 + level * 15.0
    return AcQuantities(230.0, amps, 230.0 * amps, 0.0, 50.0, 325.0, 1.41 * amps, 0.0)


def within(role, read):
    """Share of readings whose error lies inside the certificate's expanded uncertainty."""
    calibration = BENCH.roles[role].calibration
    inside = dict.fromkeys(
        [q for q in QUANTITIES if any(u.quantity == q for u in calibration.uncertainty)], 0
    )
    for seed in range(SEEDS):
        true = true_quantities(seed % 10 / 9.0)
        shown = read(np.random.default_rng(seed), true)
        for quantity in inside:
            field = {"voltage": "voltage_v", "current": "current_a", "power": "power_w"}
            name = field.get(quantity, "frequency_hz")
            value = getattr(shown, name)
            known = reading_quantity(calibration, quantity, value, QUANTITIES[quantity])
            inside[quantity] += abs(value - getattr(true, name)) <= known.expanded()
    return {quantity: count / SEEDS for quantity, count in inside.items()}


def test_the_analysers_errors_are_inside_their_certificate():
    shares = within(
        "analyser_ac", lambda rng, true: Element(Terminals(true), rng, 300.0, 40.0).measure(0, 1)
    )
    assert set(shares) == set(QUANTITIES)
    assert min(shares.values()) >= 0.95


@pytest.mark.parametrize(
    ("role", "amps", "watts"), [("load_a", 45.0, 4500.0), ("load_b", 36.0, 3600.0)]
)
def test_the_loads_errors_are_inside_their_certificate(role, amps, watts):
    ratings = LoadRatings(power_w=watts, current_a=amps, peak_a=3.0 * amps)
    shares = within(role, lambda rng, true: LoadMeters(rng, ratings).read(true))
    assert min(shares.values()) >= 0.95


@pytest.mark.parametrize(
    ("quantity", "peak"), [("voltage", 500.0), ("current", 47.0), ("current", 114.4)]
)
def test_gain_and_zero_of_the_scope_are_inside_its_certificate(quantity, peak):
    calibration = BENCH.roles["scope_ac"].calibration
    gain, zero = uncertainty_of(calibration, quantity, peak)
    gains = zeros = 0
    for seed in range(SEEDS):
        panel = scope(seed)
        front = panel.front(1)
        gains += abs(front.gain - 1.0) <= 2.0 * gain
        zeros += abs(front.offset_divisions * peak / DIVISIONS_PER_PEAK) <= 2.0 * zero
    assert gains >= 0.95 * SEEDS
    assert zeros >= 0.95 * SEEDS


def test_the_scopes_time_base_is_inside_its_certificate():
    (relative, _) = uncertainty_of(BENCH.roles["scope_ac"].calibration, "time", 1.0)
    paces = np.array([scope(seed).pace for seed in range(SEEDS)])
    assert 0.93 <= np.mean(np.abs(paces - 1.0) <= 2.0 * relative) <= 0.99


def scope(seed):
    return ScopePanel(
        VirtualClock(), None, np.random.default_rng(seed), gain_error=0.01, pace_error=10e-6
    )
