"""The contactors between the pack's supply and the unit."""

import pytest

from rig.clock import VirtualClock
from rig.virtual.network import Network, Wiring
from rig.virtual.ports import SupplySetting

SETTING = SupplySetting(True, 380.0, 90.0, 15000.0, 90.0, 15000.0)
OFF = SupplySetting(False, 380.0, 90.0, 15000.0, 90.0, 15000.0)


class Idle:
    """A unit that does nothing."""

    def start(self, sensors, actuators, now_s):
        self.sensors, self.actuators = sensors, actuators

    def next_deadline(self, now_s):
        return float("inf")

    def run_steady(self, start_s, end_s):
        """Let time pass."""

    def run_block(self, start_s, end_s):
        return end_s

    def settled(self):
        return True


@pytest.fixture
def bench():
    """A circuit whose contactors hang on relay 0 of board 1."""
    clock = VirtualClock()
    wiring = Wiring(contactors=(1, 0))
    net = Network(clock, seed=1, unit_seed=1, firmware=Idle(), wiring=wiring)

    def drive(closed, relay=0, board=1):
        net.relays(board).drive(relay, closed)
        clock.sleep_until(clock.now() + 0.05)

    net.drive, net.clock = drive, clock
    return net


def unit_voltage(net):
    return net.observe().dc_voltage_v


def test_open_contactors_keep_the_supply_from_the_unit(bench):
    bench.supply("pack").apply(SETTING)
    assert unit_voltage(bench) == 0.0
    reading = bench.supply("pack").read()
    assert (reading.voltage_v, reading.current_a) == (380.0, 0.0)


def test_closed_contactors_feed_the_unit(bench):
    bench.drive(True)
    bench.supply("pack").apply(SETTING)
    assert unit_voltage(bench) == 380.0
    assert bench.supply("pack").read().current_a > 0.0


def test_opening_them_under_power_takes_it_from_the_unit_within_12_ms(bench):
    bench.drive(True)
    bench.supply("pack").apply(SETTING)
    bench.relays(1).drive(0, False)
    bench.clock.sleep_until(bench.clock.now() + 0.012)
    assert unit_voltage(bench) == 0.0
    assert not bench.observe().contactors_closed
    assert bench.observe().supply_on


def test_an_inverter_that_runs_loses_its_voltage_with_them(bench):
    bench.drive(True)
    bench.supply("pack").apply(SETTING)
    bench.actuators.start_inverter(bench.clock.now() + 0.01)
    bench.actuators.drive_relay("A", True, bench.clock.now() + 0.02)
    bench.clock.sleep_until(bench.clock.now() + 0.5)
    assert bench.observe().socket_voltage_v[0] > 225.0
    bench.drive(False)
    assert bench.observe().socket_voltage_v[0] == 0.0


@pytest.mark.parametrize(("board", "relay"), [(1, 1), (2, 0)])
def test_other_relays_have_nothing_to_do_with_them(bench, board, relay):
    bench.drive(True, relay, board)
    bench.supply("pack").apply(SETTING)
    assert unit_voltage(bench) == 0.0


def test_a_supply_that_is_off_stands_at_nothing_on_either_side(bench):
    bench.supply("pack").apply(OFF)
    assert bench.supply("pack").read().voltage_v == 0.0
    bench.drive(True)
    assert bench.supply("pack").read().voltage_v == 0.0
