"""The controller's own supply and its reset."""

import pytest

from rig.bench.brown_out import SupplyLoss


@pytest.mark.requirement("R-WDG-01")
@pytest.mark.duration(30)
@pytest.mark.parametrize("network", ["dip_12v", "reset_line"])
def test_outlets_go_off_and_stay_off(bench, socket, requirement, verify, network):
    loss = SupplyLoss(bench, socket, requirement, network)
    with bench.energised():
        for result in loss.run():
            verify(result)
