"""Inrush that the outlets have to bear."""

import pytest

from rig.bench.inrush import ChargingPeaks, MotorStart


@pytest.mark.requirement("R-OUT-06")
@pytest.mark.duration(15)
def test_a_motor_may_start(bench, socket, requirement, verify):
    with bench.energised():
        motor = MotorStart(bench, socket, requirement)
        motor.prepare()
        verify(motor.run())


@pytest.mark.requirement("R-OUT-06")
@pytest.mark.duration(15)
def test_a_rectifier_may_charge_its_capacitor(bench, socket, requirement, verify):
    """As far as an electronic load can: the width and height of the peak, not its first edge."""
    with bench.energised():
        verify(ChargingPeaks(bench, socket, requirement).run())
