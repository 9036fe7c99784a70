"""The pack's voltage beyond what the unit may run on."""

import pytest

from rig.bench.pack_limit import PackExcursion


@pytest.mark.requirement("R-DC-01")
@pytest.mark.duration(15)
@pytest.mark.parametrize("side", ["under", "over"])
def test_the_outlets_go_off_when_the_pack_leaves_its_window(
    bench, socket, requirement, verify, side
):
    limit_v, level_v = (requirement.number(f"{side}_{key}_v") for key in ("limit", "test"))
    with bench.energised():
        verify(PackExcursion(bench, socket, requirement).trip_time(limit_v, level_v))


@pytest.mark.requirement("R-DC-01")
@pytest.mark.duration(20)
def test_the_outlets_stay_on_at_the_ends_of_the_pack_s_range(bench, requirement, verify):
    with bench.energised():
        for level_v in requirement.numbers("in_use_v"):
            verify(PackExcursion(bench, bench.sockets[0], requirement).trips_at(level_v))
