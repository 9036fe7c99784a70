import numpy as np
import pytest

from rig.virtual.network.templates import POINTS, at_phase, shape

PHASE = np.arange(20000) / 20000
SINE = np.sin(2 * np.pi * PHASE) * np.sqrt(2)


@pytest.mark.parametrize(
    ("pf", "cf"),
    [(1.0, 1.414), (0.5, 1.414), (-0.9, 1.414), (0.7, 3.0), (0.6, 3.0), (0.95, 1.6), (0.8, 2.5),
     (-0.5, 2.0), (0.5, 4.0), (0.9, 1.2)],
)  # fmt: skip
def test_a_template_has_unit_rms_and_the_wanted_power_and_crest_factors(pf, cf):
    i = at_phase(shape(pf, cf).table, PHASE)
    assert np.sqrt(np.mean(i * i)) == pytest.approx(1.0, rel=1e-3)
    assert np.mean(i * SINE) == pytest.approx(abs(pf), rel=1e-3)
    assert np.max(np.abs(i)) == pytest.approx(cf, rel=1e-3)


@pytest.mark.parametrize(("pf", "lags"), [(0.6, True), (-0.6, False)])
def test_a_negative_power_factor_leads(pf, lags):
    fundamental = np.fft.rfft(at_phase(shape(pf, 1.414).table, PHASE))[1]
    reference = np.fft.rfft(SINE)[1]
    assert (np.angle(reference / fundamental) > 0) == lags


def test_a_template_has_no_direct_current():
    assert np.mean(at_phase(shape(0.7, 3.0).table, PHASE)) == pytest.approx(0.0, abs=1e-9)


def test_a_template_joins_up_from_period_to_period():
    table = shape(0.63, 2.7).table
    assert table[0] == table[POINTS]
    assert np.max(np.abs(np.diff(table))) < 0.1


def test_what_no_shape_reaches_keeps_its_crest_factor_at_the_best_power_factor():
    got = shape(1.0, 3.0)
    i = at_phase(got.table, PHASE)
    assert np.max(np.abs(i)) == pytest.approx(3.0, rel=2e-3)
    assert 0.85 < np.mean(i * SINE) < 1.0
    assert got.displacement_rad == 0.0
