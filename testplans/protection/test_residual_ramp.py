"""Residual current that rises slowly, as whole waves and as half-waves; the loads are off."""

import pytest

from rig.bench.residual_ramp import ResidualRamp
from rig.controller import TripCode


@pytest.mark.requirement("R-RCD-05")
@pytest.mark.earthing("tn")
@pytest.mark.duration(50)
def test_a_slow_rise_trips_between_half_and_the_rated_current(bench, socket, requirement, verify):
    with bench.energised():
        ramp = ResidualRamp(bench, socket, requirement)
        verify(ramp.trip_current(ramp.run()))


@pytest.mark.requirement("R-RCD-06")
@pytest.mark.earthing("tn")
@pytest.mark.duration(50)
@pytest.mark.parametrize("from_deg", [0, 90, 135])
@pytest.mark.parametrize("polarity", ["positive", "negative"])
def test_half_waves_trip_neither_too_soon_nor_too_late(
    bench, socket, requirement, verify, from_deg, polarity
):
    with bench.energised():
        ramp = ResidualRamp(bench, socket, requirement, from_deg=from_deg, polarity=polarity)
        verify(ramp.judged(ramp.run()))
        verify(ramp.wrong_codes(TripCode.RESIDUAL_AC, TripCode.RESIDUAL_DC))
