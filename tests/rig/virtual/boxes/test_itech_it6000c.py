"""ITECH IT6000C: literal transcripts (A2, public hardware log of an IT6054C-800-225)."""

from functools import partial

import numpy as np
import pytest
from box_client import ask as ask_box

from rig.virtual.boxes.itech_it6000c import Alarm, ItechIt6000c


@pytest.fixture
def supply(clock, circuit):
    return ItechIt6000c(clock, circuit, np.random.default_rng(6))


@pytest.fixture
def ask(supply):
    return partial(ask_box, supply)


def test_it_says_who_it_is_in_six_fields_and_takes_20_ms(supply, ask):
    assert ask("*IDN?") == (
        "ITECH Electronics,IT6054C-800-225,804022011797210001,000.006.101,640.R,132.R"
    )
    assert supply.execute(b"OUTP?").turnaround_s == pytest.approx(0.02)
    assert ask("SYST:VERS?") == "IT60xxSrc-v1.3.7.xx"


def test_it_starts_off_in_cv_priority(ask):
    assert ask("OUTP?;:FUNC?;:FUNC:MODE?;:VOLT?;:CURR?") == "0;VOLTage;FIXed;0;0"
    assert ask("OUTP:PROT:WDOG:STAT?;:OUTP:PROT:WDOG:DEL?") == "0;30"
    assert ask("POW:LIM?;:POW:LIM:NEG?;:VOLT? MAX;:CURR? MAX") == "55080;-55080;808;227.25"
    assert ask("SYST:ERR?") == '0,"No error"'


def test_cv_priority_takes_current_limits_and_refuses_voltage_limits(ask, circuit):
    ask("SYST:REM;:FUNC VOLT;:VOLT 360;:CURR:LIM 30;:CURR:LIM:NEG -20;:OUTP ON")
    s = circuit.setting
    assert (s.on, s.voltage_v, s.source_current_a, s.sink_current_a) == (True, 360.0, 30.0, 20.0)
    ask("VOLT:LIM 400")
    assert ask("SYST:ERR?") == '-221,"Settings conflict"'
    ask("VOLT:LIM:NEG 1")
    assert ask("SYST:ERR?;:VOLT:LIM?") == '-221,"Settings conflict";0'


def test_cc_priority_takes_voltage_limits_and_refuses_current_limits(ask, circuit):
    ask("FUNC CURR;:VOLT:LIM 400;:CURR -12.345;:OUTP 1")
    s = circuit.setting
    assert (s.source_current_a, s.sink_current_a) == (0.0, pytest.approx(12.345, abs=0.006))
    assert ask("CURR?")[:5] in ("-12.3", "-12.4")
    ask("CURR 12")
    assert (circuit.setting.voltage_v, circuit.setting.source_current_a) == (400.0, 12.0)
    for message in ("CURR:LIM 1", "CURR:LIM:NEG -1"):
        ask(message)
        assert ask("SYST:ERR?") == '-221,"Settings conflict"'


def test_changing_priority_copies_what_acted_into_the_limit(ask):
    ask("VOLT 4;:CURR:LIM 2.31;:FUNC CURR")
    assert ask("VOLT:LIM?;:VOLT?") == "4;4"
    ask("CURR -2.27;:FUNC VOLT")
    assert ask("CURR:LIM:NEG?;:CURR:LIM?;:CURR?") == "-2.27;2.31;2.31"
    ask("FUNC CURR;:CURR 5;:FUNC VOLT")
    assert ask("CURR:LIM?;:CURR?") == "5;5"


def test_set_values_are_rounded_to_hundredths(ask):
    ask("VOLT 123.456;:CURR:LIM 1.234")
    assert ask("VOLT?;:CURR:LIM?") == "123.46;1.23"
    ask("VOLT 809")
    assert ask("SYST:ERR?") == '-222,"Data out of range"'


def test_meters_answer_in_plain_numbers(ask, circuit):
    circuit.emf_v, circuit.ohm = 350.0, 1.0
    ask("VOLT 340;:CURR:LIM 30;:CURR:LIM:NEG -20;:OUTP ON")
    assert float(ask("MEAS:VOLT?")) == pytest.approx(340.0, abs=0.4)
    assert float(ask("MEAS:CURR?")) == pytest.approx(-10.0, abs=0.06)
    assert float(ask("MEAS:SCAL:POW:DC?")) == pytest.approx(-3400.0, abs=25.0)
    assert "E" not in ask("MEAS:VOLT?;:MEAS:CURR?").upper()


def test_the_registers_use_the_familys_bits(ask, circuit):
    ask("VOLT 300;:CURR:LIM 10;:OUTP ON")
    assert ask("STAT:OPER:COND?;:STAT:QUES:COND?") == str(0x210) + ";0"
    circuit.ohm = 10.0
    assert ask("STAT:OPER:COND?") == str(0x220)
    ask("OUTP OFF")
    assert ask("STAT:OPER:COND?") == "0"


def test_delays_show_in_the_operation_register(ask, clock, circuit):
    ask("VOLT 10;:OUTP:DEL:RISE 2;FALL 1;:OUTP ON")
    assert ask("STAT:OPER:COND?;:OUTP?") == "128;1"
    assert not circuit.setting.on
    clock.sleep_until(2.0)
    assert circuit.setting.on
    ask("OUTP OFF")
    assert ask("STAT:OPER:COND?") == str(0x310)
    clock.sleep_until(3.0)
    assert not circuit.setting.on


def test_the_watchdog_switches_off_and_stays_until_cleared(ask, clock, circuit):
    ask("VOLT 360;:OUTP:PROT:WDOG:DEL 10;STAT ON;:OUTP ON")
    for second in range(0, 40, 9):
        clock.sleep_until(second)
        ask("*STB?")
    assert circuit.setting.on
    clock.sleep_until(46.1)
    assert not circuit.setting.on
    assert ask("OUTP?;:STAT:QUES:COND?") == "0;8192"
    ask("OUTP ON")
    assert ask("SYST:ERR?") == '-221,"Settings conflict"'
    ask("OUTP:PROT:CLE;:OUTP ON")
    assert circuit.setting.on
    assert ask("STAT:QUES:COND?;:STAT:QUES?") == "0;8192"


@pytest.mark.parametrize(
    ("setting", "emf_v", "ohm", "bit"),
    [
        ("VOLT:PROT 350;PROT:STAT ON", 400.0, 1.0, 0x1),
        ("CURR:PROT 5;PROT:STAT ON", 0.0, 20.0, 0x2),
        ("POW:PROT 1000;PROT:STAT ON", 0.0, 20.0, 0x4),
        ("VOLT:UND:PROT 250;PROT:STAT ON", 0.0, 5.0, 0x8),
        ("CURR:UND:PROT -1;PROT:STAT ON", 310.0, 1.0, 0x20),
    ],
)
def test_protections_latch_after_their_delay(ask, clock, circuit, setting, emf_v, ohm, bit):
    node = setting.split(" ")[0]
    ask(f"VOLT 300;:CURR:LIM 30;:CURR:LIM:NEG -30;:{node}:DEL 3;:{setting};:OUTP ON")
    assert ask("SYST:ERR?;:STAT:QUES:COND?") == '0,"No error";0'
    circuit.emf_v, circuit.ohm = emf_v, ohm
    assert ask("STAT:QUES:COND?") == "0"
    clock.sleep_until(4.0)
    assert int(ask("STAT:QUES:COND?")) == bit
    assert not circuit.setting.on


def test_under_voltage_sleeps_while_the_supply_warms_up(ask, clock, circuit):
    ask("VOLT:UND:PROT 10;PROT:WARM 20;STAT ON;:VOLT 1;:OUTP ON")
    clock.sleep_until(19.0)
    assert circuit.setting.on
    clock.sleep_until(22.0)
    assert not circuit.setting.on


def test_a_trip_from_inside_and_reset(supply, ask, circuit):
    ask("VOLT 5;:CURR:PROT:STAT ON;:OUTP ON")
    supply.panel.trip(Alarm.OVER_TEMPERATURE)
    assert ask("STAT:QUES:COND?;:OUTP?") == "16;0"
    ask("*RST")
    assert ask("VOLT?;:CURR:PROT:STAT?;:SYST:ERR?") == '0;0;0,"No error"'
