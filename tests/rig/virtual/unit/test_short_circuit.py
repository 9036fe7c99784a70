import pytest


@pytest.fixture
def shorted(running):
    """A circuit 0.3 s after a short circuit on B, with 5 A on A and C; and when it was closed."""
    circuit = running()
    circuit.load(5.0, 0.0, 5.0)
    circuit.run(0.5)
    since = circuit.now_s
    circuit.change(shorted=1)
    circuit.run(0.3)
    return circuit, since


def test_gates_are_blocked_within_2_ms_and_released_for_the_others(shorted):
    circuit, since = shorted
    block, release = circuit.times("block")[0], circuit.times("release")[0]
    assert block - since < 0.002
    assert circuit.times("open", "B")[0] - since < 0.003
    assert release - since < 0.030
    assert circuit.times("block") == [block]
    assert circuit.registers(16)[0] == circuit.registers(32)[0] == 1


def test_the_socket_is_latched_until_acknowledged(shorted):
    circuit, _ = shorted
    circuit.run(3700.0)
    assert circuit.registers(24)[0] == 2
    assert circuit.registers(29) == [3]
    assert len(circuit.times("close", "B")) == 1
    circuit.change(shorted=None)
    circuit.command(3)
    circuit.run(2.0)
    assert circuit.registers(24)[0] == 1


def test_the_latch_survives_a_power_cycle(shorted):
    circuit, _ = shorted
    circuit.power_cycle()
    circuit.run(1.0)
    circuit.command(1)
    circuit.run(5.0)
    assert [circuit.registers(at)[0] for at in (16, 24, 32)] == [1, 2, 1]


def test_the_event_tells_the_socket_and_the_current(shorted):
    circuit, _ = shorted
    code, socket, value = circuit.events()[-1]
    assert (code, socket) == (3, 2)
    assert value == pytest.approx(800, abs=20)


def test_the_comparator_fires_at_the_same_instant_however_blocks_are_cut(running):
    def fired(cut):
        circuit = running(cut=cut)
        circuit.run_until(5.0)
        circuit.change(shorted=0)
        circuit.run(0.1)
        return circuit.times("block")[0]

    def finely(start, end):
        return min(end, start + 1.7e-5) if start > 4.98 else min(end, 4.981)

    whole = fired(lambda start, end: end)
    assert fired(finely) == pytest.approx(whole, abs=1e-9)


def test_an_inrush_of_40_a_for_half_a_millisecond_does_not_fire(running):
    circuit = running()
    circuit.load(28.3, 0.0, 0.0)
    circuit.run(0.0005)
    circuit.load(0.0, 0.0, 0.0)
    circuit.run(1.0)
    assert circuit.times("block") == []
