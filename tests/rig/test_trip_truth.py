"""Trip times through the whole virtual bench, against what the circuit knows."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "trip_truth.py"
BENCHES = 10


@pytest.fixture(scope="module")
def trip_truth():
    spec = importlib.util.spec_from_file_location("benchmark_trip_truth", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    yield spec.loader.exec_module(module) or module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def trips(trip_truth):
    return [trip for seed in range(BENCHES) for trip in trip_truth.run(seed)]


def test_every_trip_is_measured(trips):
    assert len(trips) >= 60
    assert [trip for trip in trips if np.isnan(trip.measured_s)] == []


def test_trips_of_random_units_are_unbiased_and_close(trips):
    error_ms = 1e3 * np.array([trip.error_s for trip in trips])
    assert abs(error_ms.mean()) <= 0.02
    assert np.abs(error_ms).max() <= 0.2


def test_the_stated_uncertainty_holds(trips):
    # 93 to 99.9 % in the long run: 60 trips miss by more than three standard deviations below 52.
    assert sum(trip.covered for trip in trips) >= 52
    expanded_ms = 1e3 * np.array([trip.expanded_s for trip in trips])
    assert np.median(expanded_ms) < 0.1
    error_ms = 1e3 * np.array([abs(trip.error_s) for trip in trips])
    assert np.quantile(error_ms / expanded_ms, 0.9) > 0.3, "stated far too large"


def test_no_kind_of_trip_is_biased_by_more_than_its_own_uncertainty(trips, trip_truth):
    for kind in trip_truth.KINDS:
        own = [trip for trip in trips if trip.kind == kind]
        bias_s = np.mean([trip.error_s for trip in own])
        assert abs(bias_s) <= np.median([trip.expanded_s for trip in own]), kind
