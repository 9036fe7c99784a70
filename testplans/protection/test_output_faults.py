"""The output's own faults: its regulator and its clock, disturbed through the diagnostic plug."""

import pytest

from rig.bench.regulator import RegulatorFault


def trip_time(bench, socket, requirement, network):
    fault = RegulatorFault(bench, socket, requirement, network)
    with bench.energised():
        return fault.trip_time()


@pytest.mark.requirement("R-VF-01")
@pytest.mark.duration(15)
@pytest.mark.parametrize("network", ["output_115", "output_120"])
def test_too_high_a_voltage_switches_off(bench, socket, requirement, verify, network):
    verify(trip_time(bench, socket, requirement, network))


@pytest.mark.requirement("R-VF-02")
@pytest.mark.duration(20)
@pytest.mark.parametrize("network", ["output_76", "output_42"])
def test_too_low_a_voltage_switches_off(bench, socket, requirement, verify, network):
    verify(trip_time(bench, socket, requirement, network))


@pytest.mark.requirement("R-VF-03")
@pytest.mark.duration(15)
@pytest.mark.parametrize("network", ["clock_fast", "clock_slow"])
def test_a_wrong_frequency_switches_off(bench, socket, requirement, verify, network):
    verify(trip_time(bench, socket, requirement, network))
