"""Voltage and power that come into a socket from outside."""

import pytest

from rig.bench.backfeed import ForeignVoltage, ReversePower


@pytest.mark.requirement("R-BF-01")
@pytest.mark.duration(25)
@pytest.mark.parametrize("which", [0, 1], ids=["winding", "tap"])
def test_a_relay_does_not_close_onto_foreign_voltage(bench, socket, requirement, verify, which):
    level_v = requirement.numbers("level_v")[which]
    foreign = ForeignVoltage(bench, socket, requirement)
    with bench.energised(*(each for each in bench.sockets if each != socket)):
        verify(foreign.closings(level_v))


@pytest.mark.requirement("R-BF-02")
@pytest.mark.duration(15)
@pytest.mark.parametrize("which", [0, 1], ids=["all", "just enough"])
def test_reverse_power_switches_the_socket_off(bench, socket, requirement, verify, which):
    percent = requirement.numbers("reverse_percent")[which]
    reverse = ReversePower(bench, socket, requirement)
    with bench.energised():
        verify(reverse.trip_time(percent))
        verify(reverse.others_off())
