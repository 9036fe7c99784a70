"""The controller without its supply, for a moment or longer, and in reset."""

import pytest

from rig.virtual.unit import Parameters, defect_by_id


@pytest.mark.parametrize("unit_seed", [0, 1, 2])
def test_a_dip_to_6_v_switches_off_in_time_and_latches(running, unit_seed):
    circuit = running(unit_seed=unit_seed)
    since = circuit.now_s
    circuit.change(supply_12v=6.0)
    circuit.run(0.1)
    circuit.change(supply_12v=12.6)
    circuit.run(30.0)
    assert circuit.times("stop")[0] - since <= 0.1
    assert circuit.registers(0, 2) == [5, 21]
    code, _, value = circuit.events()[-1]
    assert code == 21
    assert value == pytest.approx(60, abs=1)


def test_a_dip_shorter_than_the_debounce_is_left_alone(running):
    circuit = running()
    circuit.change(supply_12v=6.0)
    circuit.run(0.01)
    circuit.change(supply_12v=12.6)
    circuit.run(5.0)
    assert circuit.times("stop") == []


@pytest.mark.parametrize("lost", [{"supply_12v": 0.0}, {"reset": True}], ids=["cut", "reset"])
def test_without_its_processor_the_drivers_let_go_at_once(running, lost):
    circuit = running()
    since = circuit.now_s
    circuit.change(**lost)
    circuit.run(0.1)
    assert circuit.times("stop") == [pytest.approx(since, abs=1e-3)]
    assert {s for s in "ABC" if circuit.times("open", s)} == set("ABC")
    assert not circuit.unit.alive
    assert circuit.unit.next_deadline(circuit.now_s) == float("inf")
    circuit.change(supply_12v=12.6, reset=False)
    circuit.run(30.0)
    assert circuit.unit.alive
    assert circuit.registers(0) == [1]
    assert len(circuit.times("start")) == 1


def test_what_is_latched_stays_so_over_a_cut(running):
    circuit = running()
    circuit.change(supply_12v=6.0)
    circuit.run(0.1)
    circuit.power_cycle()
    circuit.run(1.0)
    assert circuit.registers(0, 2) == [5, 21]
    assert circuit.events()[-1][0] == 21


@pytest.mark.parametrize(
    ("defect", "stops", "starts"), [("on-through-reset", 0, 1), ("on-after-reset", 1, 2)]
)
def test_defects_of_the_reset_do_what_they_say(running, defect, stops, starts):
    circuit = running(defect_by_id(defect).apply(Parameters()))
    circuit.change(reset=True)
    circuit.run(0.1)
    circuit.change(reset=False)
    circuit.run(10.0)
    assert (len(circuit.times("stop")), len(circuit.times("start"))) == (stops, starts)
