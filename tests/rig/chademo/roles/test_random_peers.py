"""Random frame sequences into each role; ``RIG_SOAK`` times as many in a soak run."""

import os

import pytest
from random_peer import AgainstEvps, AgainstVehicle, play_many

from rig.chademo.roles import EvpsState, VehicleState

SOAK = int(os.environ.get("RIG_SOAK", "1"))
SEQUENCES = 150


@pytest.mark.parametrize(
    ("kind", "states"), [(AgainstEvps, EvpsState), (AgainstVehicle, VehicleState)]
)
@pytest.mark.parametrize("part", range(2))
def test_no_random_peer_leads_a_role_astray(kind, states, part):
    count = SEQUENCES * SOAK
    reached = play_many(kind, range(part * count, (part + 1) * count))
    assert set(reached) == set(states), set(states) - set(reached)
    # Each state is reached often, not by luck.
    assert min(reached.values()) >= count // 50, reached
