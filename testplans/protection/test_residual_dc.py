"""Smooth direct residual current at each socket, either way round; the loads are off."""

import pytest

from rig.bench.faults_residual import direct
from rig.bench.residual import ResidualCurrent
from rig.controller import TripCode

POLARITIES = pytest.mark.parametrize("polarity", ["positive", "negative"])


def flow(bench, socket, requirement, level, polarity):
    """Let one of the requirement's levels flow; return it, and the record of it."""
    stimulus = direct(requirement.number(f"level_{level}_a"), polarity)
    current = ResidualCurrent(bench, socket, requirement, stimulus, level=level)
    current.prepare()
    with current.capture() as wave:
        current.apply()
    return current, wave


@pytest.mark.requirement("R-RCD-07")
@pytest.mark.earthing("tn")
@pytest.mark.duration(30)
@POLARITIES
def test_2_9_ma_direct_current_does_not_trip(bench, socket, requirement, verify, polarity):
    with bench.energised():
        current, wave = flow(bench, socket, requirement, "2ma9", polarity)
        verify(current.trip_time(wave))


@pytest.mark.requirement("R-RCD-07")
@pytest.mark.earthing("tn")
@pytest.mark.duration(30)
@POLARITIES
@pytest.mark.parametrize("level", ["6ma2", "62ma"])
def test_more_direct_current_opens_the_socket_in_time(
    bench, socket, requirement, verify, level, polarity
):
    with bench.energised():
        current, wave = flow(bench, socket, requirement, level, polarity)
        verify(current.trip_time(wave))
        verify(current.wrong_codes(TripCode.RESIDUAL_DC))
