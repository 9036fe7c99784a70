"""Lid, water, earth, bridged poles and the backfeed transformer, against hand-computed truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.virtual.network import Network, Plant, Wiring
from rig.virtual.network.state import Circuit
from rig.virtual.network.steady import Model
from rig.virtual.ports import LoadSetting

LOAD_OHM = 46.0
RATIO = 250 / 230
NETWORKS = [
    "lid_a", "lid_b", "wet_a", "wet_b", "pe_break_c",
    "weld_line_a", "weld_neutral_a", "backfeed_a", "backfeed_tap",
]  # fmt: skip
BOARD = 9


@pytest.fixture
def rig(make_rig):
    """A live bench with fault networks on one board."""
    case = make_rig(protects=False)
    wiring = Wiring(networks={(BOARD, n): name for n, name in enumerate(NETWORKS)})
    case.net = Network(case.clock, seed=1, unit_seed=1, firmware=case.firmware, wiring=wiring)
    return case.energise()


def insert(rig, *names, closed=True):
    for name in names:
        rig.net.relays(BOARD).drive(NETWORKS.index(name), closed)
    rig.run(0.2)


def open_socket(rig, socket):
    rig.net.actuators.drive_relay(socket, False, rig.clock.now())
    rig.run(0.2)


def seen(rig):
    rig.run(0.001)
    return rig.net.sensors.steady()


def analysed(rig, socket):
    now = rig.run(0.1)
    return rig.net.analyser("analyser_ac", "ABC".index(socket) + 1).average(now - 0.05, now)


def sampled_rms(rig, what, socket):
    now = rig.run(0.05)
    got = rig.net.sensors.sampled(now, now + 0.02)
    return float(np.sqrt(np.mean(getattr(got, what)["ABC".index(socket)] ** 2)))


@pytest.mark.parametrize(
    ("name", "sensor", "where"),
    [
        ("lid_a", "lid_open", 0),
        ("lid_b", "lid_open", 1),
        ("wet_b", "wet", 1),
        ("pe_break_c", "pe_lost", 2),
    ],
)
def test_a_contact_reaches_one_sensor_of_one_socket_and_leaves_it_again(rig, name, sensor, where):
    insert(rig, name)
    assert getattr(seen(rig), sensor) == tuple(k == where for k in range(3))
    insert(rig, name, closed=False)
    assert not any(getattr(seen(rig), sensor))


def test_bridging_both_poles_keeps_voltage_and_current_while_the_relay_opens(rig):
    rig.load("A", "resistance", LOAD_OHM)
    insert(rig, "weld_line_a", "weld_neutral_a")
    open_socket(rig, "A")
    assert rig.net.truth.times("current_ended", "A") == []
    assert analysed(rig, "A").current_a == pytest.approx(230.0 / LOAD_OHM, rel=0.01)
    assert seen(rig).socket_voltage_v[0] == pytest.approx(230.0, rel=0.01)
    insert(rig, "weld_neutral_a", closed=False)
    assert analysed(rig, "A").current_a == 0.0


def test_a_bridged_line_pole_leaves_voltage_and_no_current(rig):
    insert(rig, "weld_line_a")
    open_socket(rig, "A")
    assert analysed(rig, "A").voltage_v == pytest.approx(230.0, rel=0.01)
    rig.load("A", "resistance", LOAD_OHM)
    rig.run(0.1)
    assert analysed(rig, "A").current_a == 0.0
    assert seen(rig).socket_voltage_v[0] == pytest.approx(230.0, rel=0.01)


def test_a_bridged_neutral_pole_leaves_nothing_that_can_be_measured(rig):
    insert(rig, "weld_neutral_a")
    open_socket(rig, "A")
    assert analysed(rig, "A").voltage_v == 0.0
    assert seen(rig).socket_voltage_v[0] == 0.0


def test_the_transformer_feeds_power_back_into_a_live_socket_on_both_scales(rig):
    insert(rig, "backfeed_a")
    fed, by = analysed(rig, "A"), analysed(rig, "B")
    current_a = 0.0869565 * 230.0 / 15.0
    assert fed.current_a == pytest.approx(current_a, rel=0.01)
    assert fed.power_w == pytest.approx(-230.0 * current_a, rel=0.02)
    assert by.power_w == pytest.approx(RATIO * 230.0 * current_a, rel=0.02)
    assert seen(rig).socket_power_w[0] == pytest.approx(fed.power_w, rel=1e-3)
    assert sampled_rms(rig, "socket_current_a", "A") == pytest.approx(current_a, rel=0.01)


def test_a_load_beside_it_lowers_what_flows_back(rig):
    insert(rig, "backfeed_a")
    before_w = analysed(rig, "A").power_w
    rig.net.load("load_a").apply(LoadSetting(True, "power", 100.0))
    rig.run(0.2)
    assert analysed(rig, "A").power_w == pytest.approx(before_w + 100.0, abs=3.0)


@pytest.mark.parametrize(("names", "volts"), [((), 250.0), (("backfeed_tap",), 27.0)])
def test_a_dead_socket_is_fed_from_its_neighbour(rig, names, volts):
    open_socket(rig, "A")
    insert(rig, *names, "backfeed_a")
    assert analysed(rig, "A").voltage_v == pytest.approx(volts, rel=0.01)
    assert analysed(rig, "A").current_a == 0.0
    assert seen(rig).socket_voltage_v[0] == pytest.approx(volts, rel=0.01)
    rig.load("A", "resistance", LOAD_OHM)
    rig.run(0.1)
    assert analysed(rig, "A").voltage_v == pytest.approx(volts * 46.0 / 61.0, rel=0.01)
    assert analysed(rig, "B").power_w == pytest.approx(volts**2 / 61.0, rel=0.02)


def test_the_transformer_is_dead_when_the_socket_that_feeds_it_is(rig):
    open_socket(rig, "A")
    insert(rig, "backfeed_a")
    open_socket(rig, "B")
    assert analysed(rig, "A").voltage_v == 0.0


def test_a_live_socket_feeds_the_transformer_backwards(rig):
    open_socket(rig, "B")
    insert(rig, "backfeed_a")
    assert analysed(rig, "B").voltage_v == pytest.approx(230.0 / RATIO, rel=0.01)


def test_nothing_is_fed_once_the_inverter_stops(rig):
    open_socket(rig, "A")
    insert(rig, "backfeed_a")
    rig.net.actuators.stop_inverter(rig.clock.now())
    rig.run(0.1)
    assert analysed(rig, "A").voltage_v == 0.0


LOADS = st.sampled_from([0.0, 30.0, 53.0, 300.0])


@settings(max_examples=60, deadline=None)
@given(
    contacts=st.tuples(*[st.booleans()] * 3),
    fed=st.sampled_from("abc"),
    tap=st.booleans(),
    welds=st.sets(st.sampled_from(["weld_line_a", "weld_neutral_a", "weld_line_b"])),
    ohms=st.tuples(*[LOADS] * 3),
)
def test_what_the_output_gives_is_what_loads_and_the_series_resistor_take(
    contacts, fed, tap, welds, ohms
):
    model = Model(Plant(third_harmonic=0.0, fifth_harmonic=0.0), Wiring())
    loads = tuple(LoadSetting(bool(ohm), "resistance", ohm) for ohm in ohms)
    names = {f"backfeed_{fed}", *welds} | ({"backfeed_tap"} if tap else set())
    circuit = Circuit(energised=True, contacts=contacts, loads=loads, inserted=frozenset(names))
    steady = model.steady(circuit)
    k = "abc".index(fed)
    at_secondary, at_primary = (steady.sockets[n].voltage_v for n in (k, (k + 1) % 3))
    conducts = circuit.conducting
    through_a = 0.0
    if conducts[k] or conducts[(k + 1) % 3]:
        ratio = (27 if tap else 250) / 230
        through_a = (ratio * at_primary - at_secondary) / 15.0
    taken_w = sum(load.power_w for load in steady.loads) + 15.0 * through_a**2
    assert steady.terminals.power_w == pytest.approx(taken_w, rel=1e-6, abs=1e-3)
