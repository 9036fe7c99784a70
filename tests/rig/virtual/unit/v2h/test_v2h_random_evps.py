"""Random sequences into the unit's port; ``RIG_SOAK`` times as many in a soak run."""

import os
from collections import Counter

from random_evps import RandomEvps

from rig.virtual.unit.v2h import PortState

SEQUENCES = 14 * int(os.environ.get("RIG_SOAK", "1"))


def test_whatever_the_evps_does_the_unit_keeps_its_rules_and_comes_to_rest():
    met: Counter[PortState] = Counter()
    for seed in range(SEQUENCES):
        met += RandomEvps(seed).run()
    assert set(met) >= set(PortState) - {PortState.OFF}
