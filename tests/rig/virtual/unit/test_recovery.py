import pytest

from rig.virtual.ports import ServiceRefusal


def overloaded(circuit, times):
    """Let socket B trip so many times, and say when it opened and closed."""
    circuit.load(0.0, 28.0, 0.0)
    while len(circuit.times("open", "B")) < times:
        circuit.run(5.0)
    return circuit.times("open", "B"), circuit.times("close", "B")[1:]


def test_a_socket_restarts_after_10_20_and_40_s_then_locks_out(running):
    circuit = running()
    opened, closed = overloaded(circuit, 4)
    pauses = [back - off for off, back in zip(opened, closed, strict=False)]
    assert pauses == pytest.approx([10.0, 20.0, 40.0], abs=0.01)
    circuit.run(3600.0)
    assert circuit.registers(24)[0] == 3
    assert len(circuit.times("close", "B")) == 4


def test_the_counter_survives_a_power_cycle(running):
    circuit = running()
    overloaded(circuit, 4)
    circuit.power_cycle()
    circuit.run(0.5)
    assert circuit.registers(24)[0] == 3
    assert circuit.registers(30) == [3]


def test_the_counter_forgets_after_an_hour(running):
    circuit = running()
    overloaded(circuit, 2)
    circuit.load(0.0, 5.0, 0.0)
    circuit.run(3590.0)
    assert circuit.registers(24)[0] == 1
    circuit.run(60.0)
    assert circuit.registers(30) == [0]


def test_the_inverter_restarts_by_itself_then_locks_out(running):
    circuit = running()
    circuit.percent(200)
    circuit.run(120.0)
    stops, first = circuit.times("stop"), circuit.times("close", "A")[1:]
    assert [on - off for off, on in zip(stops, first, strict=False)] == pytest.approx(
        [10.0, 20.0, 40.0], abs=0.01
    )
    assert len(stops) == 4
    assert circuit.registers(0) == [6]


def test_clearing_the_lock_out_zeroes_the_counters(running):
    circuit = running()
    circuit.percent(200)
    circuit.run(120.0)
    with pytest.raises(ServiceRefusal, match="04"):
        circuit.command(1)
    circuit.command(4)
    assert circuit.registers(0) == [1]
    circuit.percent(50)
    circuit.command(1)
    circuit.run(5.0)
    assert circuit.registers(0) == [3]
    assert circuit.registers(30) == [0]


@pytest.mark.parametrize("change", [{"volts": 275.0}, {"volts": 90.0}, {"hertz": 52.0}])
def test_a_trip_of_kind_m_never_restarts_by_itself(running, change):
    circuit = running()
    circuit.change(**change)
    circuit.run(2.0)
    assert circuit.registers(0) == [5]
    circuit.change(volts=230.0, hertz=50.0)
    circuit.run(3700.0)
    assert circuit.registers(0) == [5]
    circuit.command(3)
    circuit.run(5.0)
    assert circuit.registers(0) == [3]
