from itertools import pairwise

import pytest

from rig.virtual.ports import ServiceRefusal

START, STOP, ACKNOWLEDGE, CLEAR = 1, 2, 3, 4


def refused(circuit, command):
    try:
        circuit.command(command)
    except ServiceRefusal as refusal:
        return refusal.code
    return None


def test_sockets_come_on_one_at_a_time_in_order_of_priority(plug_in):
    circuit = plug_in()
    circuit.unit.write_holding(2, [0x312])
    circuit.command(START)
    circuit.run(4.0)
    on = [(act.t_s, act.socket) for act in circuit.acts if act.name == "close"]
    assert [socket for _, socket in on] == ["C", "A", "B"]
    assert all(b - a >= 1.0 for (a, _), (b, _) in pairwise(on))
    assert circuit.times("start")[0] < on[0][0]


def test_states_are_passed_in_order(plug_in):
    circuit = plug_in()
    seen = circuit.registers(0)
    circuit.command(START)
    seen += circuit.registers(0)
    circuit.run(1.0)
    seen += circuit.registers(0)
    circuit.command(STOP)
    seen += circuit.registers(0)
    assert seen == [1, 2, 3, 1]


def test_commands_that_the_state_does_not_allow_are_refused_with_04(plug_in):
    circuit = plug_in()
    assert refused(circuit, ACKNOWLEDGE) == 4
    assert refused(circuit, CLEAR) is None
    circuit.command(START)
    circuit.run(1.0)
    assert [refused(circuit, each) for each in (START, ACKNOWLEDGE, CLEAR)] == [4, 4, 4]
    assert refused(circuit, STOP) is None


def test_stop_switches_off_now(running):
    circuit = running()
    circuit.run(0.01234)
    now = circuit.now_s
    circuit.command(STOP)
    assert circuit.times("stop") == [now]
    circuit.run(60.0)
    assert circuit.registers(0) == [1]


def test_the_mask_opens_and_closes_sockets_while_running(running):
    circuit = running()
    circuit.unit.write_holding(1, [0b101])
    circuit.run(0.01)
    assert [circuit.registers(at)[0] for at in (16, 24, 32)] == [1, 0, 1]
    circuit.unit.write_holding(1, [0b111])
    circuit.run(1.5)
    assert circuit.registers(24)[0] == 1


def test_a_stop_withdraws_a_pending_restart(running):
    circuit = running()
    circuit.percent(200)
    circuit.run(5.0)
    circuit.command(STOP)
    circuit.run(60.0)
    assert circuit.registers(0) == [1]
    assert len(circuit.times("start")) == 1


def test_nothing_closes_by_itself_after_a_power_cycle(running):
    circuit = running()
    circuit.power_cycle()
    circuit.run(60.0)
    assert circuit.registers(0) == [1]
    assert not any(circuit.world.closed)


def test_a_brown_out_switches_off_within_100_ms_and_latches(running):
    circuit = running()
    since = circuit.now_s
    circuit.change(supply_12v=6.0)
    circuit.run(0.1)
    circuit.change(supply_12v=12.6)
    circuit.run(60.0)
    assert circuit.times("stop")[0] - since < 0.1
    assert circuit.registers(0, 2) == [5, 21]


@pytest.mark.parametrize("soc", [None, 100])
def test_there_is_no_start_without_living_data_or_charge(plug_in, soc):
    circuit = plug_in()
    circuit.soc = soc
    circuit.run(3.0)
    assert refused(circuit, START) == 4
