"""The unit's insulation monitors, from what their measuring circuits are exposed to."""

from types import SimpleNamespace

import pytest

from rig.virtual.unit.contract import Insulation
from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.protections.insulation import InsulationMonitor
from rig.virtual.unit.trips import TripCode

TRIP_OHM, WARN_OHM = 40_550.0, 202_750.0
WARNING = 106


def rail(ohm, farad, which):
    return Insulation(ohm, 20e6, farad) if which == "positive" else Insulation(20e6, ohm, farad)


@pytest.mark.parametrize("which", ["positive", "negative"])
@pytest.mark.parametrize("farad", [0.0, 0.5e-6, 1.05e-6])
@pytest.mark.parametrize("unit_seed", range(4))
def test_lost_insulation_of_either_rail_switches_off_within_10_s(running, which, farad, unit_seed):
    circuit = running(unit_seed=unit_seed)
    since = circuit.now_s
    circuit.change(pack_insulation=rail(0.97 * TRIP_OHM, farad, which))
    circuit.run(11.0)
    assert circuit.times("stop")[0] - since <= 10.0
    assert [event[:2] for event in circuit.events()] == [(WARNING, 0), (6, 0)]


@pytest.mark.parametrize("unit_seed", range(4))
def test_between_the_limits_there_is_one_warning_and_nothing_more(running, unit_seed):
    circuit = running(unit_seed=unit_seed)
    for ohm in (1.04 * TRIP_OHM, 0.97 * WARN_OHM):
        circuit.change(pack_insulation=rail(ohm, 1e-6, "negative"))
        circuit.run(30.0)
    assert [event[:2] for event in circuit.events()] == [(WARNING, 0)]
    assert circuit.times("stop") == []


@pytest.mark.parametrize("unit_seed", range(4))
def test_above_the_warning_there_is_nothing(running, unit_seed):
    circuit = running(unit_seed=unit_seed)
    circuit.change(pack_insulation=rail(1.035 * WARN_OHM, 1e-6, "positive"))
    circuit.run(60.0)
    assert circuit.events() == []


def test_a_warning_comes_again_when_the_insulation_had_been_better(running):
    circuit = running()
    for ohm in (150_000.0, 400_000.0, 150_000.0):
        circuit.change(pack_insulation=rail(ohm, 0.0, "positive"))
        circuit.run(5.0)
    assert [event[0] for event in circuit.events()] == [WARNING, WARNING]


def test_register_7_shows_the_reading_on_its_way(running):
    circuit = running()
    circuit.change(pack_insulation=rail(100_000.0, 1e-6, "positive"))
    circuit.run(0.5)
    assert 200 < circuit.registers(7)[0] < 1000
    circuit.run(20.0)
    assert circuit.registers(7)[0] == pytest.approx(100, abs=2)


def test_a_unit_whose_insulation_is_low_does_not_start(plug_in):
    circuit = plug_in()
    circuit.change(pack_insulation=rail(20_000.0, 0.0, "positive"))
    circuit.run(5.0)
    with pytest.raises(Exception, match="04"):
        circuit.command(1)


@pytest.mark.parametrize("which", ["line", "neutral"])
@pytest.mark.parametrize("unit_seed", range(4))
def test_a_floating_output_goes_off_within_1_s_of_a_fault(running, which, unit_seed):
    circuit = running(unit_seed=unit_seed)
    circuit.unit.write_holding(4, [1])
    circuit.change(output_insulation=Insulation())
    circuit.run(2.0)
    assert circuit.times("stop") == []
    since = circuit.now_s
    fault = Insulation(22_900.0) if which == "line" else Insulation(second_ohm=22_900.0)
    circuit.change(output_insulation=fault)
    circuit.run(2.0)
    assert circuit.times("stop")[0] - since + 0.012 <= 1.0
    assert circuit.events()[-1][:2] == (7, 0)


def test_a_bonded_output_declared_as_floating_trips_at_once(running):
    circuit = running()
    circuit.unit.write_holding(4, [1])
    circuit.run(1.0)
    assert circuit.events()[-1][:2] == (7, 0)


def test_the_trip_is_on_the_same_tick_on_either_time_scale(running):
    trips = set()
    for options in ({}, {"stay": lambda: True}):
        circuit = running(**options)
        circuit.change(pack_insulation=rail(39_000.0, 0.3e-6, "positive"))
        circuit.run(5.0)
        trips.add(circuit.times("stop")[0])
    assert len(trips) == 1


def test_the_reading_of_the_pack_stands_while_an_evps_tests_insulation():
    monitor = InsulationMonitor(TripCode.INSULATION_DC, Parameters().pack_insulation)

    def span(*, testing):
        status = SimpleNamespace(armed=True, earthed=True, evps_tests_insulation=testing)
        return SimpleNamespace(status=status, pack_insulation=rail(10_000.0, 0.0, "positive"))

    monitor.live(span(testing=True), 10_000)
    assert monitor.reading_ohm == float("inf")
    assert monitor.find(span(testing=True)) is None
    assert monitor.find(span(testing=False)) is not None
    monitor.live(span(testing=False), 10_000)
    assert monitor.reading_ohm == pytest.approx(10_000.0, rel=0.01)
