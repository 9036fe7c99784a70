"""EA PSB 10000 over Modbus: set values, protection thresholds and meters in per cent of nominal."""

import numpy as np
import pytest
from ea_bench import EaBench


@pytest.mark.parametrize("register", [500, 501, 502, 499, 498])
def test_set_values_go_to_102_percent_and_no_further(ea, register):
    ea.remote()
    assert ea.write(register, 0xD0E5)[3:5] == "06"
    assert ea.write(register, 0xD0E6) == "00 86 03"
    assert ea.read(register) == [0xD0E5]


@pytest.mark.parametrize("register", [550, 553, 556, 569, 570])
def test_protections_go_to_110_percent_and_no_further(ea, register):
    ea.remote()
    assert ea.write(register, 0xE147)[3:5] == "06"
    assert ea.write(register, 0xE148) == "00 86 03"


def test_set_values_outside_the_adjustable_limits_are_refused(ea):
    ea.remote()
    ea.write(9000, 42000)
    ea.write(9001, 1000)
    assert ea.write(500, 42001) == "00 86 03"
    assert ea.write(500, 999) == "00 86 03"
    assert ea.write(500, 41000) == "00 06 01 F4 A0 28"
    assert ea.write(9001, 42001) == "00 86 03"


def test_set_values_reach_the_terminals_in_their_units(ea):
    ea.energise()
    for register, raw in ((500, 38797), (501, 26214), (499, 8738), (502, 52428), (498, 6991)):
        ea.write(register, raw)
    applied = ea.terminals.setting
    assert applied.voltage_v == pytest.approx(370.0, abs=0.01)
    assert applied.source_current_a == pytest.approx(45.0)
    assert applied.sink_current_a == pytest.approx(15.0)
    assert applied.source_power_w == pytest.approx(15000.0)
    assert applied.sink_power_w == pytest.approx(2000.1, abs=0.2)


def test_nothing_flows_before_it_is_asked_for(ea):
    assert [setting.on for setting in ea.terminals.applied] == [False]
    assert ea.terminals.applied[0].source_current_a == 0


def test_actual_values_are_unsigned_and_the_sink_bit_carries_the_sign(ea):
    ea.energise()
    ea.terminals.show(300.0, -45.0, "CC")
    raw = ea.read(507, 3)
    assert raw[0] * 500 / 52428 == pytest.approx(300.0, rel=1e-3)
    assert raw[1] * 90 / 52428 == pytest.approx(45.0, rel=1e-3)
    assert raw[2] * 15000 / 52428 == pytest.approx(13500.0, rel=2e-3)
    status = ea.status()
    assert status >> 12 & 1 == 1
    assert status >> 9 & 3 == 0b10
    ea.terminals.show(300.0, 45.0)
    ea.clock.sleep_until(0.01)
    assert ea.status() >> 12 & 1 == 0


def test_actual_values_end_at_125_percent(ea):
    ea.terminals.show(900.0, 0.0)
    assert ea.read(507) == [0xFFFF]


def test_the_meters_are_noisy_but_agree_within_one_instant():
    ea = EaBench(meter_noise=1e-3)
    ea.energise()
    ea.terminals.show(300.0, 20.0)
    assert ea.read(507, 3) == ea.read(507, 3)
    shown = []
    for step in range(1, 30):
        ea.clock.sleep_until(step * 0.01)
        shown.append(ea.read(507)[0])
    assert len(set(shown)) > 5
    assert np.mean(shown) * 500 / 52428 == pytest.approx(300.0, abs=1.0)
