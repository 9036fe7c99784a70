"""The vehicle's data, which the unit must not trust when they are old."""

import pytest

from rig.bench.vehicle_silence import StaleVehicle

SILENT = pytest.mark.parametrize("silent", [True, False], ids=["silence", "frozen counter"])


@pytest.mark.requirement("R-PWR-03")
@pytest.mark.duration(20)
@SILENT
def test_the_outlets_go_off_when_the_vehicle_s_data_are_stale(
    bench, socket, requirement, verify, silent
):
    with bench.energised():
        verify(StaleVehicle(bench, socket, requirement).trip_time(silent=silent))


@pytest.mark.requirement("R-PWR-03")
@pytest.mark.duration(30)
@SILENT
def test_nothing_starts_while_the_vehicle_s_data_are_stale(bench, requirement, verify, silent):
    with bench.energised():
        vehicle = StaleVehicle(bench, bench.sockets[0], requirement)
        verify(vehicle.trip_time(silent=silent))
        verify(vehicle.starts(silent=silent).triggers("starts"))
