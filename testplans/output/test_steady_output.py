"""Steady voltage and frequency at the sockets."""

import pytest


def per_socket_w(bench, percent, power_factor):
    """Return the active power of one socket's load at a percentage of rated apparent power."""
    return percent / 100 * bench.rated_va * abs(power_factor) / len(bench.sockets)


@pytest.mark.requirement("R-OUT-01")
@pytest.mark.duration(15)
@pytest.mark.parametrize("power_factor", [0.5, 1.0, -0.9])
@pytest.mark.parametrize("percent", [0, 25, 50, 75, 100])
def test_the_voltage_is_steady_at_any_load(bench, requirement, verify, percent, power_factor):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        for load in bench.loads.values():
            load.draw_power(per_socket_w(bench, percent, power_factor), power_factor=power_factor)
        bench.sleep(requirement.number("settling_s"))
        for socket, reading in bench.output.read().items():
            verify(bench.output.voltage(socket, reading))


@pytest.mark.requirement("R-OUT-02")
@pytest.mark.duration(15)
@pytest.mark.parametrize("percent", [0, 50, 100])
def test_the_frequency_is_held_at_any_load(bench, requirement, verify, percent):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        bench.share_load(percent / 100 * bench.rated_va)
        bench.sleep(requirement.number("settling_s"))
        for socket, reading in bench.output.read().items():
            verify(bench.output.frequency(socket, reading))
