"""Distortion of the voltage at the sockets."""

import pytest

from rig.bench.distortion import DistortionTest


@pytest.mark.requirement("R-OUT-03")
@pytest.mark.duration(15)
@pytest.mark.parametrize("percent", [25, 50, 100])
def test_the_voltage_is_a_sine_under_a_linear_load(bench, requirement, verify, percent):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        bench.share_load(percent / 100 * bench.rated_va)
        bench.sleep(requirement.number("settling_s"))
        verify(DistortionTest(bench, bench.sockets[0], requirement).linear(percent))


@pytest.mark.requirement("R-OUT-03")
@pytest.mark.duration(15)
def test_a_rectifier_load_distorts_the_voltage_little(bench, socket, requirement, verify):
    with bench.energised():
        bench.loads[socket].draw_current(
            requirement.number("rectifier_va") / bench.spec.unit.nominal_voltage_v,
            power_factor=requirement.number("rectifier_power_factor"),
            crest_factor=requirement.number("rectifier_crest_factor"),
        )
        bench.sleep(requirement.number("settling_s"))
        verify(DistortionTest(bench, socket, requirement).rectifier())
