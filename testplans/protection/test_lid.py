"""The lids and water sensors of the outside sockets."""

import pytest

from rig.bench.socket_faults import OutletFault

OUTSIDE = pytest.mark.parametrize("socket", ["A", "B"])


@pytest.mark.requirement("R-LID-01")
@pytest.mark.duration(30)
@OUTSIDE
@pytest.mark.parametrize("kind", ["lid", "wet"])
def test_an_open_lid_or_water_switches_the_socket_off(bench, socket, requirement, verify, kind):
    fault = OutletFault(bench, kind, socket, requirement)
    with bench.energised():
        seen = fault.run()
    verify(seen.trip_time)
    verify(seen.others_off)
    verify(seen.energised)


@pytest.mark.requirement("R-LID-01")
@pytest.mark.duration(30)
@OUTSIDE
def test_a_closed_lid_waits_until_the_socket_is_enabled(bench, socket, requirement, verify):
    lid = OutletFault(bench, "lid", socket, requirement)
    with bench.energised():
        verify(lid.comes_back_by_itself())
