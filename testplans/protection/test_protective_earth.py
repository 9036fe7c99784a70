"""The earth conductor of each socket."""

import pytest

from rig.bench.proofs import count_of
from rig.bench.socket_faults import OutletFault
from rig.controller import SocketState


@pytest.mark.requirement("R-PE-01")
@pytest.mark.duration(40)
def test_a_broken_earth_conductor_inhibits_the_socket(bench, socket, requirement, verify):
    fault = OutletFault(bench, "pe_break", socket, requirement)
    with bench.energised():
        seen = fault.run()
    verify(seen.trip_time)
    verify(seen.others_off)
    verify(seen.energised)
    wrong = int(seen.shown_as is not SocketState.INHIBITED)
    verify(count_of("not_inhibited", wrong, instruments=("controller",)))
