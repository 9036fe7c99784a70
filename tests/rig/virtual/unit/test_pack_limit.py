"""The controller and the pack's discharge limit, as the vehicle says it."""

import itertools

import pytest


def say_limit(circuit, watts):
    """Let the vehicle say a discharge limit from now on, with a counter that is alive."""
    circuit.soc = None
    alive = itertools.count(1000)

    def say():
        words = [800, round(watts / 10.0), 1200, 250, 0, 0, next(alive) & 0xFFFF]
        circuit.unit.write_holding(16, words)

    circuit.every(0.5, say)


def taken(circuit):
    inputs = circuit.steady()
    return -inputs.dc_voltage_v * inputs.dc_current_a


@pytest.mark.parametrize("unit_seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("percent", "gone"), [(102.0, "B"), (120.0, "B"), (180.0, "BC"), (600.0, "ABC")]
)
def test_less_is_taken_in_time_by_priority(running, percent, gone, unit_seed):
    circuit = running(unit_seed=unit_seed)
    circuit.load(4.4, 4.4, 4.4)
    circuit.run(1.0)
    limit = 100.0 * taken(circuit) / percent
    since = circuit.now_s
    say_limit(circuit, limit)
    circuit.run(0.5)
    assert taken(circuit) <= 1.05 * limit
    circuit.run(0.5)
    assert taken(circuit) <= limit
    circuit.run(3.0)
    assert {s for s in "ABC" if circuit.times("open", s)} == set(gone)
    assert all(t - since <= 1.0 for s in gone for t in circuit.times("open", s))
    assert {event[0] for event in circuit.events()} == {20}


def test_at_98_percent_of_the_limit_nothing_goes(running):
    circuit = running()
    circuit.load(4.4, 4.4, 4.4)
    circuit.run(1.0)
    say_limit(circuit, taken(circuit) / 0.97)
    circuit.run(10.0)
    assert circuit.events() == []


def test_a_socket_comes_back_60_s_after_the_pack_has_room_again(running):
    circuit = running()
    circuit.load(4.4, 4.4, 4.4)
    circuit.run(1.0)
    say_limit(circuit, taken(circuit) / 1.2)
    circuit.run(5.0)
    assert circuit.registers(24) == [4]
    circuit.load(3.0, 0.0, 3.0)
    circuit.run(50.0)
    assert circuit.registers(24) == [4]
    circuit.run(15.0)
    assert circuit.registers(24) == [1]


def test_no_socket_comes_back_while_the_pack_has_no_room(running):
    circuit = running()
    circuit.load(4.4, 4.4, 4.4)
    circuit.run(1.0)
    say_limit(circuit, taken(circuit) / 1.45)
    circuit.run(120.0)
    assert circuit.registers(24) == [4]
