"""The CHAdeMO port in the circuit: who is joined to whom, what flows, and how voltages move."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.network import Network, Plant, PortPlant, PortWiring, Wiring
from rig.virtual.network.port_rail import Rail
from rig.virtual.ports import SupplySetting

D1, D2, PLUG, CONTACTOR, LOCK = range(5)
CONTACTS = {(6, D1): "d1", (6, D2): "d2", (6, PLUG): "proximity", (6, CONTACTOR): "contactor"}
CONTACTS[6, LOCK] = "lock"
PACK_V, IDLE_W = 370.0, 150.0


def both_ways(volts, source_a=60.0, sink_a=60.0, watts=15_000.0):
    return SupplySetting(True, volts, source_a, watts, sink_a, watts)


class Still:
    """A unit that does nothing."""

    def start(self, sensors, actuators, now_s):
        """Do nothing."""

    def next_deadline(self, now_s):
        return float("inf")

    def run_steady(self, start_s, end_s):
        """Do nothing."""

    def run_block(self, start_s, end_s):
        return end_s

    def settled(self):
        return True


class Plugged:
    def __init__(self, unit_seed=3, **plant):
        self.clock = VirtualClock()
        port = PortWiring(contacts=CONTACTS, plant=PortPlant(**plant))
        self.net = Network(
            self.clock,
            seed=2,
            unit_seed=unit_seed,
            firmware=Still(),
            wiring=Wiring(relays_per_board=8, port=port),
            plant=Plant(),
        )
        self.relays = self.net.relays(6)
        self.pack, self.evps = self.net.supply("pack"), self.net.supply("evps")
        self.pack.apply(both_ways(PACK_V))

    def run(self, seconds):
        self.clock.sleep_until(self.clock.now() + seconds)
        self.net.advance()

    def join(self):
        """Close everything between supply and pack."""
        for relay in (PLUG, D1, D2):
            self.relays.drive(relay, True)
        self.run(0.02)
        self.net.pins.drive_contactors(True, self.clock.now())
        self.run(0.1)
        self.relays.drive(CONTACTOR, True)
        self.run(0.1)

    @property
    def port(self):
        return self.net.port

    @property
    def amps(self):
        self.net.advance()
        return self.port.pieces.last.amps

    @property
    def inlet_v(self):
        self.net.advance()
        return self.port.inlet_v(self.clock.now())

    def scope(self, channel, since_s):
        t_s = np.arange(since_s, self.clock.now(), 1e-4)
        return t_s, self.net.scope("scope_dc").samples(channel, t_s)


@pytest.fixture
def plugged():
    return Plugged()


@pytest.mark.parametrize(
    ("setting", "amps"),
    [
        (both_ways(400.0, source_a=12.0), 12.0),
        (both_ways(340.0, sink_a=14.0), -14.0),
        (both_ways(400.0, watts=5.0 * (PACK_V + 5.0 * 0.05)), 5.0),
        (both_ways(340.0, watts=5.0 * (PACK_V - 5.0 * 0.05)), -5.0),
        (both_ways(PACK_V + 0.5), 10.0),
        (both_ways(340.0, sink_a=0.0), 0.0),
        (SupplySetting(False, 400.0, 12.0, 15e3, 12.0, 15e3), 0.0),
    ],
)
def test_the_evps_drives_what_its_setting_lets_it(plugged, setting, amps):
    plugged.join()
    plugged.evps.apply(setting)
    assert plugged.amps == pytest.approx(amps)
    assert plugged.evps.read().current_a == pytest.approx(amps)
    assert plugged.pack.read().current_a == pytest.approx(IDLE_W / PACK_V - amps)


def test_a_pack_that_takes_no_current_is_given_only_what_the_unit_uses(plugged):
    plugged.pack.apply(both_ways(PACK_V, sink_a=0.0))
    plugged.join()
    plugged.evps.apply(both_ways(400.0, source_a=12.0))
    assert plugged.amps == pytest.approx(IDLE_W / PACK_V)
    assert plugged.pack.read().current_a == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        (both_ways(PACK_V + 1.0), "CV"),
        (both_ways(PACK_V - 1.0), "CV"),
        (both_ways(PACK_V + 20.0, source_a=30.0), "CC"),
        (both_ways(PACK_V - 20.0, sink_a=30.0), "CC"),
    ],
)
def test_the_supply_reads_the_pack_and_the_drop_along_the_cable(plugged, setting, kind):
    plugged.join()
    plugged.evps.apply(setting)
    plugged.run(0.1)
    at_supply, amps = plugged.evps.read(), plugged.amps
    drop_v = plugged.port.plant.cable_ohm * amps
    assert at_supply.voltage_v == pytest.approx(PACK_V + drop_v, abs=1e-6)
    assert at_supply.regulation == kind
    assert (at_supply.voltage_v == pytest.approx(setting.voltage_v, abs=1e-6)) == (kind == "CV")
    assert plugged.inlet_v == pytest.approx(PACK_V, abs=1e-6)
    lost_w = at_supply.power_w - plugged.inlet_v * amps
    assert lost_w == pytest.approx(drop_v * amps, rel=1e-6)


@pytest.mark.parametrize("volts", [PACK_V + 20.0, PACK_V - 20.0])
def test_the_supplys_power_limit_holds_at_its_own_terminals(plugged, volts):
    plugged.join()
    plugged.evps.apply(both_ways(volts, watts=5_000.0))
    plugged.run(0.1)
    assert abs(plugged.evps.read().power_w) == pytest.approx(5_000.0, rel=1e-9)


def test_nothing_flows_until_both_sides_contactors_are_closed(plugged):
    plugged.evps.apply(both_ways(400.0, source_a=12.0))
    plugged.relays.drive(CONTACTOR, True)
    plugged.run(0.5)
    assert plugged.amps == 0.0
    assert plugged.inlet_v == pytest.approx(400.0, abs=0.1)
    plugged.relays.drive(CONTACTOR, False)
    plugged.run(0.02)
    plugged.relays.drive(PLUG, True)
    plugged.relays.drive(D1, True)
    plugged.net.pins.drive_contactors(True, plugged.clock.now())
    plugged.run(0.2)
    assert not plugged.port.closed["vehicle"], "the coil has no ground without d2"


@pytest.mark.parametrize("relay", [D1, D2, PLUG])
@pytest.mark.parametrize("unit_seed", range(4))
def test_the_contactors_drop_within_50_ms_of_a_lost_line_at_any_current(relay, unit_seed):
    plugged = Plugged(unit_seed)
    plugged.join()
    plugged.evps.apply(both_ways(340.0, sink_a=15.0))
    since_s = plugged.clock.now()
    plugged.relays.drive(relay, False)
    plugged.run(0.2)
    lost_s = plugged.net.truth.first("bench_contact_opened", after_s=since_s)
    opening = plugged.port.switchings[-1]
    assert (opening.who, opening.closed, opening.amps) == ("vehicle", False, -15.0)
    assert 0.0 < opening.t_s - lost_s <= 0.05
    assert plugged.amps == 0.0


def test_an_inlet_is_emptied_by_the_bleeder_and_slowly_without(plugged):
    plugged.join()
    plugged.relays.drive(CONTACTOR, False)
    plugged.run(0.02)
    plugged.net.pins.drive_contactors(False, plugged.clock.now())
    plugged.run(1.0)
    assert plugged.inlet_v > 300.0
    plugged.net.pins.bleed(True, plugged.clock.now())
    plugged.run(0.5)
    assert plugged.inlet_v < 60.0


def test_an_output_that_is_off_bleeds_as_the_one_in_the_log_did(plugged):
    plugged.evps.apply(both_ways(361.0))
    plugged.run(1.0)
    plugged.evps.apply(SupplySetting(False, 361.0, 0.0, 0.0, 0.0, 0.0))
    plugged.run(0.6)
    assert 1.0 < plugged.evps.read().voltage_v < 12.0


def test_contactors_that_close_on_a_difference_of_voltage_let_a_surge_through(plugged):
    plugged.evps.apply(both_ways(300.0, source_a=5.0, sink_a=0.0))
    plugged.run(0.5)
    since_s = plugged.clock.now()
    plugged.join()
    assert abs(plugged.port.switchings[-1].volts) == pytest.approx(70.0, abs=1.0)
    _, amps = plugged.scope(2, since_s)
    assert amps.min() < -40.0
    assert abs(amps[-1]) < 1e-6


def test_matched_voltages_let_no_surge_through(plugged):
    plugged.evps.apply(both_ways(PACK_V, source_a=0.5))
    plugged.run(0.5)
    since_s = plugged.clock.now()
    plugged.join()
    assert np.abs(plugged.scope(2, since_s)[1]).max() < 1.0


def test_the_scope_sees_volts_amps_and_line_k(plugged):
    plugged.join()
    since_s = plugged.clock.now()
    plugged.evps.apply(both_ways(340.0, sink_a=8.0))
    plugged.run(0.1)
    plugged.net.pins.pull_k(True, plugged.clock.now())
    plugged.run(0.1)
    _, volts = plugged.scope(1, since_s)
    _, amps = plugged.scope(2, since_s)
    t_s, k = plugged.scope(4, since_s)
    assert volts == pytest.approx(PACK_V, abs=0.1)
    assert amps == pytest.approx(-8.0)
    assert k[0] == 12.0
    assert k[-1] < 1.5
    fell = plugged.net.scope("scope_dc").crossing(4, 6.0, "falling", since_s, plugged.clock.now())
    assert fell == pytest.approx(t_s[np.argmax(k < 6.0)], abs=1.1e-4)


def test_the_analysers_second_element_averages_the_port_over_changes(plugged):
    plugged.join()
    element = plugged.net.analyser("analyser_dc", 2)
    start_s = plugged.clock.now()
    plugged.evps.apply(both_ways(340.0, sink_a=8.0))
    plugged.run(0.25)
    plugged.evps.apply(both_ways(400.0, source_a=4.0))
    plugged.run(0.75)
    got = element.average(start_s, plugged.clock.now())
    assert got.voltage_dc_v == pytest.approx(PACK_V, rel=1e-3)
    assert got.current_dc_a == pytest.approx(0.25 * -8.0 + 0.75 * 4.0)
    assert got.power_w == pytest.approx(PACK_V * 1.0, rel=1e-3)


def test_the_average_is_the_same_from_the_ledger_once_the_history_is_gone(plugged):
    plugged.join()
    element = plugged.net.analyser("analyser_dc", 2)
    plugged.run(1.0)
    start_s = plugged.clock.now()
    plugged.evps.apply(both_ways(340.0, sink_a=8.0))
    plugged.run(0.5)
    before = element.average(start_s, start_s + 0.5).power_w
    for n in range(600):
        plugged.evps.apply(both_ways(340.0, sink_a=1.0 + n % 2))
        plugged.run(0.01)
    assert plugged.port.pieces.known_from_s > start_s
    assert element.average(start_s, start_s + 0.5).power_w == pytest.approx(before, rel=1e-3)


def test_a_bench_without_a_port_has_open_terminals_as_before():
    clock = VirtualClock()
    net = Network(clock, seed=1, unit_seed=1, firmware=Still(), wiring=Wiring(), plant=Plant())
    net.supply("evps").apply(both_ways(300.0))
    assert net.pins is None
    assert net.supply("evps").read().voltage_v == 300.0
    assert net.analyser("analyser_dc", 2).average(0.0, 0.0).voltage_v == 0.0
    assert not net.scope("scope_dc").samples(4, np.array([0.0])).any()


@settings(max_examples=50)
@given(
    begin_v=st.floats(-500.0, 500.0),
    target_v=st.floats(-500.0, 500.0),
    tau_s=st.floats(1e-3, 30.0),
    span_s=st.floats(1e-3, 5.0),
)
def test_a_rails_mean_is_that_of_its_samples(begin_v, target_v, tau_s, span_s):
    rail = Rail(1.0, begin_v, target_v, tau_s)
    t_s = np.linspace(1.0, 1.0 + span_s, 20_001)
    sampled = np.trapezoid(rail.samples(t_s), t_s) / span_s
    assert rail.mean(1.0, 1.0 + span_s) == pytest.approx(sampled, abs=0.05)
    again = rail.onward(1.0 + span_s, target_v + 1.0, tau_s)
    assert again.at(1.0 + span_s) == pytest.approx(rail.at(1.0 + span_s))
