"""DC in the output of the inverter."""

import pytest

from rig.bench.dc_output import DcInOutput


@pytest.mark.requirement("R-OUT-05")
@pytest.mark.duration(20)
def test_little_dc_flows_through_resistors_at_rated_load(bench, requirement, verify):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        verify(DcInOutput(bench, requirement).measure())
