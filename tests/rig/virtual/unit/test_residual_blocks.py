"""Sampled blocks of residual current whose edges the circuit rounds otherwise than the unit."""

import numpy as np
import pytest

from rig.virtual.unit import Parameters
from rig.virtual.unit.contract import SampledInputs
from rig.virtual.unit.residual_sensing import ResidualSensing

AMPS = 0.02


def sampled(first, count):
    t_s = np.arange(first, first + count) / 1e5
    rows = tuple(np.full(count, AMPS) for _ in range(3))
    return SampledInputs(t_s, t_s, t_s, rows, rows)


@pytest.mark.parametrize(("off", "got"), [(0, 100), (0, 99), (1, 99), (-1, 101), (0, 0)])
def test_a_block_that_lost_a_sample_or_all_at_its_edge_is_still_lived_through(off, got):
    sensing = ResidualSensing(tuple(each.sensor for each in Parameters().residual), seed=1)
    for n in range(20):
        block = sensing.take(sampled(100 * n, 100), 100 * n, 100, n, 1)
        sensing.keep(block, 1, whole=True)
    block = sensing.take(sampled(2000 + off, got), 2000, 100, 20, 1)
    assert block.sums is not None
    assert np.isfinite(block.sums.means).all()
    sensing.keep(block, 1, whole=True)
