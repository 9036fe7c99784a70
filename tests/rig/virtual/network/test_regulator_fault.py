"""What the diagnostic plug makes of the output, on both time scales, and when."""

from math import pi

import numpy as np
import pytest

from rig.clock import VirtualClock
from rig.virtual.network import Network, Wiring
from rig.virtual.network.regulator_fault import CLOCKS_HZ, DIVIDERS, output_gain

BOARD, VOLTAGE = 3, 1
RELAYS = {**dict.fromkeys(DIVIDERS), **dict.fromkeys(CLOCKS_HZ)}
WIRING = Wiring(
    networks={(BOARD, n): name for n, name in enumerate(RELAYS)},
    triggering=frozenset({"output_120"}),
)


@pytest.fixture
def plugged(make_rig):
    """A live circuit with the plug behind one board, no load."""
    rig = make_rig(protects=False)
    rig.clock = VirtualClock()
    rig.net = Network(rig.clock, seed=1, unit_seed=1, firmware=rig.firmware, wiring=WIRING)
    return rig.energise()


def put_in(rig, name, closed=True):
    rig.net.relays(BOARD).drive(list(RELAYS).index(name), closed)
    return rig.run(0.02)


def voltage(rig, start_s, end_s):
    return rig.net.sensors.sampled(start_s, end_s).ac_voltage_v


@pytest.mark.parametrize("name", DIVIDERS)
def test_a_divider_multiplies_the_output_on_both_scales(plugged, name):
    before = plugged.net.sensors.steady().ac_voltage_v
    peak = np.abs(voltage(plugged, 0.5, 0.52)).max()
    now = put_in(plugged, name)
    assert plugged.net.sensors.steady().ac_voltage_v == pytest.approx(before * DIVIDERS[name])
    assert np.abs(voltage(plugged, now, now + 0.02)).max() == pytest.approx(
        peak * DIVIDERS[name], rel=1e-4
    )
    put_in(plugged, name, closed=False)
    assert plugged.net.sensors.steady().ac_voltage_v == pytest.approx(before)


@pytest.mark.parametrize("name", CLOCKS_HZ)
def test_a_clock_changes_the_frequency_without_a_jump(plugged, name):
    probes = plugged.probe("A")
    since = plugged.clock.now()
    put_in(plugged, name)
    plugged.run(1.0)
    wave = probes.samples(VOLTAGE, np.arange(since, since + 1.0, 1e-5))
    steepest = 2.0 * pi * 55.0 * np.sqrt(2.0) * 240.0 * 1e-5
    assert np.abs(np.diff(wave)).max() < steepest
    late = wave[10_000:]
    crossings = np.flatnonzero((late[:-1] < 0.0) & (late[1:] >= 0.0))
    periods = np.diff(crossings).mean() * 1e-5
    assert 1.0 / periods == pytest.approx(50.0 + CLOCKS_HZ[name], abs=0.01)
    assert plugged.net.sensors.steady().ac_frequency_hz == pytest.approx(50.0 + CLOCKS_HZ[name])


def test_the_point_on_wave_trigger_follows_the_clock(plugged):
    put_in(plugged, "clock_fast")
    plugged.run(0.5)
    zero = plugged.net.point_on_wave().next_zero_crossing()
    assert abs(voltage(plugged, zero, zero + 1e-5)[0]) < 2.0
    assert plugged.net.point_on_wave().phase_deg(zero) % 360.0 == pytest.approx(0.0, abs=0.01)


def test_two_dividers_multiply_and_none_is_one():
    assert output_gain({"output_115", "output_120"}) == pytest.approx(1.38)
    assert output_gain(frozenset()) == 1.0


def test_a_contact_on_the_trigger_line_triggers_as_it_closes(plugged):
    put_in(plugged, "output_115")
    assert plugged.net.truth.times("trigger") == []
    put_in(plugged, "output_120")
    closed = plugged.net.truth.times("bench_contact_closed", f"board {BOARD} relay 1")
    assert plugged.net.truth.times("trigger") == closed
    put_in(plugged, "output_120", closed=False)
    assert len(plugged.net.truth.times("trigger")) == 1
