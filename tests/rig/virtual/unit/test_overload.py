import math

import pytest

LIMITS = {110: (60.0, 120.0), 125: (10.0, 30.0), 150: (1.0, 3.0), 200: (0.05, 0.2)}


@pytest.mark.parametrize("unit_seed", [0, 1, 2, 3])
@pytest.mark.parametrize("percent", LIMITS)
def test_the_inverter_trips_within_the_requirement(running, percent, unit_seed):
    circuit = running(unit_seed=unit_seed)
    since = circuit.now_s
    circuit.percent(percent)
    circuit.run(125.0)
    low, high = LIMITS[percent]
    assert low <= circuit.times("stop")[0] - since <= high
    assert (1, 0) in [event[:2] for event in circuit.events()]


def test_rated_load_is_carried_for_four_hours(running):
    circuit = running()
    circuit.percent(100)
    circuit.run(4 * 3600.0)
    assert circuit.times("stop") == []
    assert circuit.registers(56) == [0]


def test_an_inverter_trip_stops_the_inverter_then_opens_every_socket(running):
    circuit = running()
    circuit.percent(200)
    circuit.run(1.0)
    stop = circuit.times("stop")[0]
    acts = [act for act in circuit.acts if act.t_s == stop]
    assert [act.name for act in acts] == ["stop", "open", "open", "open"]
    assert circuit.events()[-1] == (1, 0, 200)
    assert circuit.registers(0, 2) == [5, 1]


def test_pulsed_overload_is_remembered(running):
    circuit = running()
    since = circuit.now_s
    while circuit.now_s < since + 6.0 and not circuit.times("stop"):
        circuit.percent(150)
        circuit.run(0.8)
        circuit.percent(80)
        circuit.run(0.8)
    assert circuit.times("stop")[0] - since < 6.0


def test_the_overload_memory_leaks(running):
    circuit = running()
    circuit.percent(125)
    circuit.run(10.0)
    full = circuit.registers(56)[0]
    circuit.percent(50)
    circuit.run(20.0)
    assert 45 <= full <= 55
    assert circuit.registers(56)[0] == pytest.approx(full - 25, abs=2)


@pytest.mark.parametrize(("percent", "low", "high"), [(130, 60.0, 600.0), (160, 1.0, 10.0)])
def test_a_socket_trips_alone_by_current_whatever_the_power_factor(running, percent, low, high):
    circuit = running()
    since = circuit.now_s
    circuit.load(0.0, 0.16 * percent, 0.0, lag_rad=math.acos(0.5))
    circuit.run(high)
    assert low <= circuit.times("open", "B")[0] - since <= high
    assert circuit.times("stop") == circuit.times("open", "A") == []
    code, socket, value = circuit.events()[-1]
    assert (code, socket) == (2, 2)
    assert value == pytest.approx(16 * percent, rel=0.01)


def test_a_socket_carries_110_percent_for_an_hour(running):
    circuit = running()
    circuit.load(0.0, 17.6, 0.0, lag_rad=math.acos(0.5))
    circuit.run(3600.0)
    assert circuit.times("open", "B") == []


def test_a_socket_opens_at_once_above_300_percent(running):
    circuit = running()
    since = circuit.now_s
    circuit.load(0.0, 50.0, 0.0, lag_rad=math.acos(0.1))
    circuit.run(0.1)
    assert circuit.times("open", "B")[0] - since < 0.03
