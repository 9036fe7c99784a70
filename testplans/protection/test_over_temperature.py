"""The heat sink: less power when it is hot, none when it is too hot."""

import pytest

from rig.bench import InverterOverload, SocketOverload
from rig.bench.heat import HeatSink


@pytest.mark.requirement("R-OT-01")
@pytest.mark.duration(60)
@pytest.mark.parametrize("case", range(3), ids=["58 C", "70 C", "80 C"])
def test_the_power_limit_falls_with_the_temperature(bench, requirement, verify, case):
    celsius = requirement.numbers("celsius")[case]
    with bench.energised():
        verify(HeatSink(bench, requirement).power_limit_error(celsius))


@pytest.mark.requirement("R-OT-02")
@pytest.mark.duration(15)
def test_too_hot_a_heat_sink_switches_off(bench, socket, requirement, verify):
    with bench.energised():
        verify(HeatSink(bench, requirement).trip_time(socket, requirement.number("trip_c")))


@pytest.mark.requirement("R-OT-02")
@pytest.mark.duration(60)
def test_the_outlets_come_back_when_it_has_cooled_down_and_no_sooner(bench, requirement, verify):
    with bench.energised():
        for count in HeatSink(bench, requirement).recoveries():
            verify(count)


def hot(bench, requirements):
    """Let the heat sink be as hot as it may be without derating."""
    heat = requirements.get("R-OT-01")
    return HeatSink(bench, heat).at(heat.number("hot_c"), longest_s=heat.number("longest_s"))


def overloaded(overload):
    """Bring an energised bench into overload and measure the time until it trips."""
    overload.prepare()
    with overload.capture() as wave:
        overload.apply()
    return overload.trip_time(wave)


@pytest.mark.requirement("R-OVL-04")
@pytest.mark.duration(30)
def test_a_hot_inverter_trips_at_150_percent(bench, socket, requirements, requirement, verify):
    limit_w = int(requirement.number("power_limit_w"))
    with bench.energised(power_limit_w=limit_w), hot(bench, requirements):
        verify(overloaded(InverterOverload(bench, socket, requirement)))


@pytest.mark.requirement("R-OVL-05")
@pytest.mark.duration(30)
def test_a_hot_inverter_trips_at_200_percent(bench, requirements, requirement, verify):
    limit_w = int(requirement.number("power_limit_w"))
    with bench.energised(power_limit_w=limit_w), hot(bench, requirements):
        verify(overloaded(InverterOverload(bench, bench.sockets[0], requirement)))


@pytest.mark.requirement("R-OVL-09")
@pytest.mark.duration(40)
def test_a_hot_socket_trips_at_160_percent(bench, socket, requirements, requirement, verify):
    power_factor = min(requirement.numbers("power_factor"))
    with bench.energised(), hot(bench, requirements):
        verify(overloaded(SocketOverload(bench, socket, requirement, power_factor)))
