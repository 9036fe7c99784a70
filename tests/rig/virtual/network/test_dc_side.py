from dataclasses import replace
from math import exp

import numpy as np
import pytest


def test_the_pack_gives_what_the_sockets_take_and_the_losses(rig, nominal):
    rig.load("A", "power", 3000.0)
    rig.run(0.5)
    got = rig.net.supply("pack").read()
    wanted = 3000.0 * 1.02 + 0.02 * 3000.0**2 / 6000.0 + 50.0 + nominal.vehicle_overhead_w
    assert got.power_w == pytest.approx(wanted, rel=1e-6)
    assert got.voltage_v == 380.0
    assert got.current_a == pytest.approx(wanted / 380.0, rel=1e-6)
    assert got.regulation == "CV"
    steady = rig.net.sensors.steady()
    assert (steady.dc_voltage_v, steady.dc_current_a) == (380.0, -got.current_a)


@pytest.mark.parametrize(
    ("mode", "limit", "kind"),
    [
        ("resistance", {"source_current_a": 8.3}, "CC"),
        ("resistance", {"source_power_w": 1500.0}, "CP"),
        ("power", {"source_power_w": 1500.0}, "CP"),
    ],
)
def test_a_supply_in_limitation_gives_what_the_sockets_take_and_the_losses(
    rig, pack, nominal, mode, limit, kind
):
    rig.load("A", mode, 3000.0 if mode == "power" else 230.0**2 / 3000.0)
    rig.net.supply("pack").apply(replace(pack, **limit))
    rig.run(0.1)
    got = rig.net.supply("pack").read()
    assert got.regulation == kind
    assert 50.0 < got.voltage_v < 200.0
    assert got.power_w == pytest.approx(got.voltage_v * got.current_a)
    inputs = rig.net.sensors.steady()
    assert got.power_w == pytest.approx(
        nominal.dc_power_w(inputs.ac_power_w, running=True), rel=1e-4
    )
    sagged = got.voltage_v / nominal.lowest_dc_v
    assert inputs.ac_voltage_v == pytest.approx(230.0 * sagged, rel=0.02)
    rig.net.supply("pack").apply(pack)
    rig.run(0.1)
    assert rig.net.supply("pack").read().voltage_v == 380.0
    assert rig.net.sensors.steady().ac_voltage_v == pytest.approx(230.0, rel=0.01)


@pytest.mark.parametrize("amps", [0.4, 8.3])
def test_a_supply_that_can_never_give_enough_is_pulled_down(rig, pack, amps):
    rig.load("A", "power", 3000.0)
    rig.net.supply("pack").apply(replace(pack, source_current_a=amps))
    rig.run(0.1)
    got = rig.net.supply("pack").read()
    assert (got.voltage_v, got.current_a, got.regulation) == (0.0, amps, "CC")
    assert rig.net.sensors.steady().ac_voltage_v == 0.0


def test_without_its_pack_the_inverter_gives_nothing(rig, pack):
    rig.net.supply("pack").apply(replace(pack, on=False))
    rig.run(0.1)
    assert rig.net.sensors.steady().ac_voltage_v == 0.0
    assert rig.net.supply("pack").read().current_a == 0.0
    assert rig.net.point_on_wave().next_zero_crossing() is None


def test_the_pack_voltage_reaches_unit_scope_and_analyser(rig, pack):
    start = rig.clock.now()
    rig.net.supply("pack").apply(replace(pack, voltage_v=300.0))
    rig.run(1.0)
    scope = rig.net.scope("scope_dc")
    assert list(scope.samples(3, np.array([start - 0.1, start + 0.1]))) == [380.0, 300.0]
    assert scope.crossing(3, 350.0, "falling", start - 0.1, start + 1.0) == start
    element = rig.net.analyser("analyser_dc", 1)
    assert element.average(start - 0.25, start + 0.75).voltage_v == pytest.approx(320.0)
    assert rig.net.analyser("analyser_dc", 2).average(start, start + 1.0).voltage_v == 0.0


def test_the_energy_of_a_day_is_exact(rig):
    start = rig.clock.now()
    wanted = 0.0
    for watts in (500.0, 2500.0, 0.0, 1200.0):
        rig.load("B", "power", watts)
        rig.run(6 * 3600.0)
        wanted += watts * 6.0
    end = rig.clock.now()
    ac = rig.net.analyser("analyser_ac", 2).average(start, end).power_w * (end - start) / 3600
    assert ac == pytest.approx(wanted, rel=1e-9)


def test_the_heat_sink_warms_as_one_time_constant(rig, nominal):
    for socket in "ABC":
        rig.load(socket, "power", 2000.0)
    start, cold = rig.clock.now(), rig.net.sensors.steady().heatsink_c
    rig.run(600.0)
    rig.run(7200.0)
    hot = rig.net.sensors.steady().heatsink_c
    assert hot == pytest.approx(50.0, abs=0.01)
    rig.net.actuators.stop_inverter(rig.clock.now())
    rig.run(600.0)
    assert rig.net.sensors.steady().heatsink_c == pytest.approx(25.0 + 25.0 * exp(-1), abs=0.05)
    assert start > 0.0
    assert cold < 26.0


def test_the_open_port_supply_stands_at_its_setting(rig, pack):
    evps = rig.net.supply("evps")
    assert evps.read().voltage_v == 0.0
    evps.apply(pack)
    assert (evps.read().voltage_v, evps.read().current_a) == (380.0, 0.0)
