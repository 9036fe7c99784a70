"""The output voltage under steps of load."""

import pytest

from rig.bench.load_step import LoadStep


@pytest.mark.requirement("R-OUT-04")
@pytest.mark.duration(15)
@pytest.mark.parametrize("angle_deg", [0, 90])
def test_the_voltage_recovers_from_load_steps(bench, socket, requirement, verify, angle_deg):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        step = LoadStep(bench, socket, requirement)
        step.prepare()
        wave, proof = step.apply(angle_deg)
    for extreme in step.extremes(wave, proof):
        verify(extreme)
