"""Relays of sockets that do not open."""

import pytest

from rig.bench.weld import WeldedRelay


@pytest.mark.requirement("R-WLD-01")
@pytest.mark.duration(50)
@pytest.mark.parametrize("poles", ["line", "both"])
def test_a_welded_relay_is_found_and_locked_out(bench, socket, requirement, verify, poles):
    relay = WeldedRelay(bench, socket, poles, requirement)
    with bench.energised():
        verify(relay.trip_time())
        verify(relay.starts())
