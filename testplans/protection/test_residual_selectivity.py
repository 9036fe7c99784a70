"""A residual current at one socket, and what the others make of it."""

import pytest

from rig.bench.faults_residual import alternating
from rig.bench.residual import ResidualCurrent, TripsElsewhere


@pytest.mark.requirement("R-RCD-08")
@pytest.mark.earthing("tn")
@pytest.mark.duration(20)
def test_only_the_socket_with_the_residual_current_opens(bench, socket, requirement, verify):
    nominal_v = bench.spec.unit.nominal_voltage_v
    with bench.energised():
        stimulus = alternating(requirement.number("level_a"), nominal_v)
        current = ResidualCurrent(bench, socket, requirement, stimulus)
        current.prepare()
        elsewhere = TripsElsewhere(bench, socket)
        with current.capture() as wave:
            current.apply()
        bench.sleep(requirement.number("watch_s"))
        found = current.trip_time(wave)
        verify(found)
        verify(elsewhere.count(found.stimulus))
