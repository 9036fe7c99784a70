"""Insulation: of the pack against chassis, and of a floating output against earth."""

import pytest

from rig.bench.insulation import PackInsulation
from rig.bench.output_insulation import OutputInsulation
from rig.controller import TripCode

RAILS = pytest.mark.parametrize("rail", ["positive", "negative"])
CAPACITORS = pytest.mark.parametrize("capacitors", [False, True], ids=["0 uF", "1 uF"])


@pytest.mark.requirement("R-ISO-01")
@pytest.mark.duration(30)
@RAILS
@CAPACITORS
def test_the_outlets_go_off_when_the_pack_s_insulation_fails(
    bench, requirement, verify, rail, capacitors
):
    with bench.energised():
        insulation = PackInsulation(bench, requirement, rail, capacitors=capacitors)
        verify(insulation.trip_time(bench.sockets[0]))
        for result in insulation.after_trip(TripCode.INSULATION_DC):
            verify(result)


@pytest.mark.requirement("R-ISO-01")
@pytest.mark.duration(30)
@RAILS
@CAPACITORS
def test_less_insulation_is_a_warning_and_nothing_more(
    bench, requirement, verify, rail, capacitors
):
    with bench.energised():
        insulation = PackInsulation(bench, requirement, rail, capacitors=capacitors)
        for result in insulation.above("trip"):
            verify(result)


@pytest.mark.requirement("R-ISO-01")
@pytest.mark.duration(40)
@RAILS
@CAPACITORS
def test_the_warning_comes_below_its_limit_only(bench, requirement, verify, rail, capacitors):
    with bench.energised():
        insulation = PackInsulation(bench, requirement, rail, capacitors=capacitors)
        for result in (*insulation.above("warning"), *insulation.below_warning()):
            verify(result)


@pytest.mark.requirement("R-ISO-02")
@pytest.mark.earthing("it")
@pytest.mark.duration(20)
@pytest.mark.parametrize("conductor", ["line", "neutral"])
def test_a_fault_to_earth_of_a_floating_output_switches_all_off(
    bench, socket, requirement, verify, conductor
):
    for ohm in requirement.numbers("resistance_ohm"):
        with bench.energised():
            insulation = OutputInsulation(bench, socket, requirement)
            verify(insulation.trip_time(conductor, ohm))
            for result in insulation.after_trip():
                verify(result)
