"""How the outlets come on."""

import pytest

from rig.bench.start_order import Restart


@pytest.mark.requirement("R-SEQ-01")
@pytest.mark.duration(30)
@pytest.mark.parametrize("order", ["ACB", "BAC"])
def test_sockets_come_on_one_by_one_by_priority(bench, socket, requirement, verify, order):
    """Two sockets fit into a record; over all sockets every pair is seen."""
    with bench.energised():
        for result in Restart(bench, requirement, order).run(socket):
            verify(result)
