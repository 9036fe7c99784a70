"""The controller and its heat sink."""

import pytest

from rig.virtual.ports import ServiceRefusal


def limit(circuit):
    """Return at which load in percent of 6 kW the first socket is shed, upwards by 1 %."""
    for percent in range(50, 110):
        circuit.percent(percent)
        circuit.run(1.3)
        if circuit.registers(24) == [4]:
            return percent
    return None


@pytest.mark.parametrize("unit_seed", [0, 1, 2])
@pytest.mark.parametrize(("celsius", "percent"), [(58.0, 100), (70.0, 80), (80.0, 60)])
def test_the_power_limit_falls_by_2_percent_for_each_kelvin(running, celsius, percent, unit_seed):
    circuit = running(limit_w=6000, unit_seed=unit_seed)
    circuit.change(heatsink_c=celsius)
    assert limit(circuit) == pytest.approx(percent, abs=2.5)


def test_a_hot_unit_says_that_it_is_derated_and_warns_once(running):
    circuit = running(limit_w=6000)
    circuit.change(heatsink_c=65.0)
    circuit.run(5.0)
    assert circuit.registers(0) == [4]
    code, socket, value = circuit.events()[-1]
    assert (code, socket) == (111, 0)
    assert value == pytest.approx(650, abs=5)
    circuit.change(heatsink_c=50.0)
    circuit.run(1.0)
    assert circuit.registers(0) == [3]
    assert len(circuit.events()) == 1


@pytest.mark.parametrize("unit_seed", [0, 1, 2])
def test_85_c_switches_off_within_2_s_and_it_comes_back_below_75_c_only(running, unit_seed):
    circuit = running(unit_seed=unit_seed)
    since = circuit.now_s
    circuit.change(heatsink_c=85.0)
    circuit.run(2.5)
    assert circuit.times("stop")[0] - since <= 2.0
    assert circuit.registers(0, 2) == [5, 11]
    circuit.change(heatsink_c=76.0)
    circuit.run(60.0)
    assert circuit.registers(0) == [5]
    with pytest.raises(ServiceRefusal, match="04"):
        circuit.command(3)
    circuit.change(heatsink_c=74.0)
    circuit.run(10.0)
    assert circuit.registers(0) == [4]


def test_a_reset_does_not_make_a_hot_unit_forget(running):
    circuit = running()
    circuit.change(heatsink_c=86.0)
    circuit.run(2.0)
    circuit.power_cycle()
    circuit.change(heatsink_c=78.0)
    circuit.run(2.0)
    with pytest.raises(ServiceRefusal, match="04"):
        circuit.command(1)
    circuit.change(heatsink_c=60.0)
    circuit.run(2.0)
    circuit.command(1)
    circuit.run(4.0)
    assert circuit.registers(0) == [3]


def test_a_unit_that_was_never_too_hot_starts_at_80_c(plug_in):
    circuit = plug_in()
    circuit.change(heatsink_c=80.0)
    circuit.run(1.0)
    circuit.command(1)
    circuit.run(4.0)
    assert circuit.registers(0) == [4]
