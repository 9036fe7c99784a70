"""The heat sink: less power when it is hot, none when it is too hot."""

import pytest

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
