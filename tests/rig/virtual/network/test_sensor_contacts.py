"""What contacts make of the unit's own sensors: heat sink, 12 V supply, reset line."""

import numpy as np
import pytest

from rig.bench.network_names import FAULT_NETWORKS
from rig.clock import VirtualClock
from rig.virtual.network import Network, Wiring
from rig.virtual.network.regulator_fault import CLOCKS_HZ, DIVIDERS
from rig.virtual.network.thermal import SENSOR_LADDER_C, sensor_c

NAMES = ("cut_12v", "dip_12v", "reset_line", "probe_12v", "heatsink_76c", "heatsink_85c")


@pytest.fixture
def wired(make_rig):
    rig = make_rig()
    wiring = Wiring(networks={(3, n): name for n, name in enumerate(NAMES)})
    rig.clock = VirtualClock()
    rig.net = Network(rig.clock, seed=1, unit_seed=1, firmware=rig.firmware, wiring=wiring)
    return rig


def seen(rig, *closed):
    for n, name in enumerate(NAMES):
        rig.net.relays(3).drive(n, name in closed)
    rig.run(0.02)
    return rig.net.sensors.steady()


def test_the_supply_is_usual_dipped_or_cut(wired):
    assert seen(wired).supply_12v == pytest.approx(12.6)
    assert seen(wired, "dip_12v").supply_12v == 6.0
    assert seen(wired, "cut_12v", "dip_12v").supply_12v == 0.0


def test_the_reset_line_is_held_while_the_contact_is_closed(wired):
    assert not seen(wired).reset
    assert seen(wired, "reset_line").reset


def test_a_resistor_stands_for_its_temperature(wired):
    assert seen(wired).heatsink_c == pytest.approx(25.0, abs=0.1)
    assert seen(wired, "heatsink_76c").heatsink_c == 76.0
    assert seen(wired, "heatsink_85c").heatsink_c == 85.0


def test_two_resistors_side_by_side_are_hotter_than_either():
    assert sensor_c({"heatsink_74c", "heatsink_76c"}, 25.0) > 95.0
    assert sensor_c({"heatsink_74c"}, 25.0) == 74.0


def test_every_network_of_these_is_one_a_bench_file_may_name():
    circuit = {*DIVIDERS, *CLOCKS_HZ, *SENSOR_LADDER_C, *NAMES}
    assert circuit <= set(FAULT_NETWORKS)


def test_the_probe_of_line_k_sees_the_supply_while_a_relay_puts_it_there(wired):
    seen(wired, "probe_12v")
    probe, since = wired.net.scope("scope_dc"), wired.clock.now()
    probe.keep_from(since)
    seen(wired, "probe_12v", "dip_12v")
    seen(wired, "probe_12v")
    seen(wired)
    wave = probe.samples(4, np.arange(since, wired.clock.now(), 1e-4))
    values = [float(v) for v in wave[np.flatnonzero(np.diff(wave, prepend=-1.0))]]
    assert values == [12.6, 6.0, 12.6, 0.0]
    assert probe.crossing(4, 9.0, "falling", since, wired.clock.now()) is not None
