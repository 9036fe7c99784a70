from dataclasses import replace

import numpy as np
import pytest

from rig.virtual.network.state import NO_LOAD, Circuit
from rig.virtual.network.steady import Model
from rig.virtual.network.wiring import Wiring
from rig.virtual.ports import LoadSetting

ALL = (True, True, True)


@pytest.fixture
def model(nominal):
    return Model(nominal, Wiring())


def loads(*settings):
    return (*settings, NO_LOAD, NO_LOAD)[:3]


def test_a_resistor_draws_what_ohm_says(model):
    steady = model.steady(Circuit(True, 1.0, ALL, branches=0b1))
    plant = model.plant
    open_rms = plant.open_voltage_v * np.sqrt(1 + plant.third_harmonic**2 + plant.fifth_harmonic**2)
    wanted = open_rms * 52.9 / (52.9 + plant.output_ohm)
    a = steady.sockets[0]
    assert a.voltage_v == pytest.approx(wanted, rel=1e-6)
    assert a.current_a == pytest.approx(wanted / 52.9, rel=1e-6)
    assert a.power_w == pytest.approx(wanted**2 / 52.9, rel=1e-6)
    assert a.reactive_var == pytest.approx(0.0, abs=1e-6)
    assert steady.sockets[1].current_a == 0.0


@pytest.mark.parametrize("pf", [0.5, 0.8, 1.0, -0.9])
@pytest.mark.parametrize("amps", [0.0, 13.0, 26.1])
def test_the_output_stays_within_one_percent_from_no_to_full_load(model, pf, amps):
    current = LoadSetting(True, "current", amps / 3, pf)
    steady = model.steady(Circuit(True, 1.0, ALL, loads=(current, current, current)))
    assert steady.terminals.voltage_v == pytest.approx(230.0, rel=0.01)
    assert steady.terminals.current_a == pytest.approx(amps, rel=1e-3, abs=1e-9)
    assert steady.terminals.frequency_hz == 50.0


@pytest.mark.parametrize(("pf", "cf"), [(0.8, 1.414), (0.7, 3.0), (-0.5, 1.414), (0.5, 3.5)])
def test_a_constant_power_load_takes_its_power_at_its_factors(model, pf, cf):
    setting = LoadSetting(True, "power", 1500.0, pf, cf)
    a = model.steady(Circuit(True, 1.0, ALL, loads=loads(setting))).sockets[0]
    assert a.power_w == pytest.approx(1500.0, rel=1e-6)
    assert a.power_factor == pytest.approx(abs(pf), rel=0.01)
    assert a.current_peak_a / a.current_a == pytest.approx(cf, rel=2e-3)
    assert (a.reactive_var > 0) == (pf > 0)


def test_a_constant_power_load_beside_a_resistor_still_takes_its_own_power(model):
    setting = LoadSetting(True, "power", 1500.0, 0.9)
    steady = model.steady(Circuit(True, 1.0, ALL, branches=0b11, loads=loads(setting)))
    assert steady.loads[0].power_w == pytest.approx(1500.0, rel=1e-6)
    resistors = 2 * steady.sockets[0].voltage_v ** 2 / 52.9
    assert steady.sockets[0].power_w == pytest.approx(1500.0 + resistors, rel=1e-6)


def test_a_load_in_resistance_mode_is_a_resistor(model):
    setting = LoadSetting(True, "resistance", 52.9, 0.5, 3.0)
    circuit = Circuit(True, 1.0, ALL, loads=loads(setting))
    resistor = replace(circuit, loads=loads(NO_LOAD), branches=1)
    assert model.steady(circuit).sockets[0] == model.steady(resistor).sockets[0]


def test_the_open_output_distorts_by_about_one_percent(model):
    thd = model.steady(Circuit(True, 1.0, ALL)).terminals.voltage_thd_percent
    assert thd == pytest.approx(100 * np.hypot(0.008, 0.005), rel=1e-6)


def test_a_rectifier_load_distorts_more_than_a_resistor_but_less_than_five_percent(model):
    rectifier = LoadSetting(True, "power", 2100.0, 0.7, 3.0)
    got = model.steady(Circuit(True, 1.0, ALL, loads=loads(rectifier))).terminals
    plain = model.steady(Circuit(True, 1.0, ALL, branches=0b11)).terminals
    assert got.voltage_thd_percent < 5.0
    assert got.voltage_thd_percent != pytest.approx(plain.voltage_thd_percent, abs=0.1)


def test_the_limiter_clips_the_current_and_the_voltage_follows(nominal):
    six = tuple(replace(b, resistance_ohm=10.0) for b in Wiring().branches)
    got = Model(nominal, Wiring(branches=six)).steady(Circuit(True, 1.0, ALL, branches=0b111111))
    assert got.terminals.current_peak_a == pytest.approx(80.0)
    assert got.terminals.voltage_peak_v == pytest.approx(80.0 * 10.0 / 6.0)


def test_loads_that_want_more_than_the_limit_get_the_limit(model):
    greedy = LoadSetting(True, "current", 45.0)
    got = model.steady(Circuit(True, 1.0, ALL, loads=(greedy, greedy, greedy)))
    assert got.terminals.current_peak_a == pytest.approx(80.0)
    assert sum(s.current_peak_a for s in got.sockets) == pytest.approx(80.0)
    assert got.terminals.voltage_v < 200.0


def test_behind_an_open_relay_there_is_nothing(model):
    setting = LoadSetting(True, "current", 10.0)
    got = model.steady(Circuit(True, 1.0, (False, True, True), loads=loads(setting)))
    assert got.sockets[0].voltage_v == got.sockets[0].current_a == 0.0
    assert got.sockets[1].voltage_v > 225.0


def test_a_dc_part_of_the_source_drives_dc_through_resistors_and_not_through_loads(nominal):
    model = Model(replace(nominal, dc_offset_v=2.0), Wiring())
    load = LoadSetting(True, "current", 10.0)
    steady = model.steady(Circuit(True, 1.0, ALL, branches=0b11, loads=loads(NO_LOAD, load)))
    a, b, _ = steady.sockets
    assert a.voltage_dc_v == pytest.approx(2.0, rel=0.01)
    assert a.current_dc_a == pytest.approx(2 * a.voltage_dc_v / 52.9, rel=1e-6)
    assert b.current_dc_a == pytest.approx(0.0, abs=1e-9)
