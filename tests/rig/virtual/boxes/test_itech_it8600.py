"""ITECH IT8600, as far as its commands are documented (B2)."""

import math

import numpy as np
import pytest
from box_client import ask

from rig.virtual.boxes.itech_it8600 import ItechIt8600


@pytest.fixture
def load(clock, mains):
    return ItechIt8600(clock, mains, np.random.default_rng(4))


def test_it_says_who_it_is_in_six_fields_and_takes_20_ms(load):
    assert len(ask(load, "*IDN?").split(",")) == 6
    assert load.execute(b"INP?").turnaround_s == pytest.approx(0.02)
    assert ask(load, "INP?;FUNC?;:SYST:MODE?") == "0;CURR;AC"


@pytest.mark.parametrize(
    ("commands", "mode", "level"),
    [
        ("FUNC CURR;CURR 10", "current", 10.0),
        ("SOUR:FUNC POW;POW:LEV:IMM:AMPL 1500", "power", 1500.0),
        ("FUNC RES;:SOURCE:RESISTANCE:LEVEL 23", "resistance", 23.0),
        ("FUNC POW;POW 3000;POW:MAX 2000", "power", 2000.0),
        ("FUNC SHOR", "current", 30.0),
    ],
)
def test_functions_reach_the_terminals(load, mains, commands, mode, level):
    mains.volts = 110.0
    ask(load, f"SYST:REM;:{commands};:INP ON")
    assert ask(load, "SYST:ERR?;:INP?") == '0,"No error";1'
    s = mains.setting
    assert (s.on, s.mode, s.level) == (True, mode, level)


def test_meters_answer_in_nr3_within_their_class(load):
    ask(load, "CURR 10;INP 1")
    assert float(ask(load, "MEAS:VOLT:RMS?")) == pytest.approx(230.0, abs=0.3)
    assert float(ask(load, "MEAS:CURR:RMS?")) == pytest.approx(10.0, abs=0.05)
    assert float(ask(load, "MEAS:POW?")) == pytest.approx(2300.0, abs=6.0)
    assert float(ask(load, "MEAS:POW:PFAC?")) == pytest.approx(1.0, abs=0.01)
    assert float(ask(load, "MEAS:CURR:CFAC?")) == pytest.approx(1.414, abs=0.01)
    assert "E+" in ask(load, "MEAS:FREQ?")


def test_the_set_of_19_values_is_one_instant(load, clock):
    ask(load, "CURR 10;INP ON")
    clock.sleep_until(5.0)
    values = [float(word) for word in ask(load, "MEAS?").split(",")]
    assert len(values) == 19
    assert values[9] == pytest.approx(values[6] * values[1], rel=1e-5)
    assert values[13] == pytest.approx(50.0, abs=0.02)
    assert values[17] == pytest.approx(5.0)


def test_lost_voltage_unloads_and_the_next_input_command_clears(load, mains):
    ask(load, "CURR 5;INP ON")
    mains.volts = 10.0
    assert ask(load, "INP?;:STAT:QUES:COND?") == "0;2"
    mains.volts = 230.0
    assert ask(load, "INP ON;:INP?;:STAT:QUES:COND?;EVEN?") == "1;0;2"


def test_the_own_current_protection_waits_its_delay(load, clock):
    ask(load, "CURR 8;:CURR:PROT 5;PROT:DEL 0.5;STAT ON;:INP ON")
    assert ask(load, "SYST:ERR?") == '0,"No error"'
    assert ask(load, "INP?") == "1"
    clock.sleep_until(0.4)
    assert ask(load, "INP?") == "1"
    clock.sleep_until(0.6)
    assert ask(load, "INP?;:STAT:QUES:COND?") == "0;32"


def test_a_function_that_is_not_simulated_does_not_load(load):
    assert ask(load, "FUNC VOLT;:INP ON;:SYST:ERR?;:INP?") == '-221,"Settings conflict";0'
    assert ask(load, "FUNC CURR;:INP ON;:FUNC VOLT;:SYST:ERR?;:FUNC?") == (
        '-221,"Settings conflict";CURR'
    )


def test_the_built_in_scope_shows_two_periods(load):
    ask(load, "CURR 10;INP ON")
    wave = np.array([float(word) for word in ask(load, "WAVE:SING;CURR:DATA?").split(",")])
    assert np.sqrt(np.mean(wave**2)) == pytest.approx(10.0, abs=0.05)
    ask(load, "INP OFF")
    assert ask(load, "WAVE:CURR:DATA?").split(",")[30] == f"{wave[30]:.6E}"
    assert math.isclose(float(ask(load, "WAVE:RUN;CURR:DATA?").split(",")[30]), 0.0)
