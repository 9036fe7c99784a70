"""Keysight RP7900: literal transcripts (A3, guide pp. 208-242)."""

from functools import partial

import numpy as np
import pytest
from box_client import ask as ask_box

from rig.virtual.boxes.keysight_rp7900 import KeysightRp7900, Trip


@pytest.fixture
def supply(clock, circuit):
    return KeysightRp7900(clock, circuit, np.random.default_rng(6))


@pytest.fixture
def ask(supply):
    return partial(ask_box, supply)


@pytest.fixture
def run(ask, clock):
    """Send, then let the box's start-up time pass."""

    def send(message):
        reply = ask(message)
        clock.sleep_until(clock.now() + 0.02)
        return reply

    return send


def test_it_says_who_it_is_and_starts_off(ask):
    assert ask("*IDN?") == "Keysight Technologies,RP7952A,MY00000001,B.03.02.1232"
    assert ask("OUTP?;:FUNC?;:VOLT?") == "0;VOLT;+0.000000E+00"
    assert ask("STAT:OPER:COND?;:STAT:QUES1:COND?;:STAT:QUES2:COND?") == "+4;+0;+0"
    assert ask("SYST:ERR?") == '+0,"No error"'


def test_what_is_set_reaches_the_terminals_by_priority(ask, run, circuit):
    ask("VOLT 360;:CURR:LIM 30;LIM:NEG -20")
    run("OUTP ON")
    s = circuit.setting
    assert (s.on, s.voltage_v, s.source_current_a, s.sink_current_a) == (True, 360.0, 30.0, 20.0)
    ask("FUNC CURR;:VOLT:LIM 400;:CURR 12")
    s = circuit.setting
    assert (s.voltage_v, s.source_current_a, s.sink_current_a) == (400.0, 12.0, 0.0)
    ask("SOUR:CURR:LEV:IMM:AMPL -15")
    s = circuit.setting
    assert (s.source_current_a, s.sink_current_a) == (0.0, 15.0)
    assert ask("FUNC?;:CURR?;:SYST:ERR?") == 'CURR;-1.500000E+01;+0,"No error"'


def test_values_end_at_102_percent(ask):
    assert ask("VOLT? MAX;:CURR? MIN;:CURR:LIM:NEG? MIN") == (
        "+5.100000E+02;-4.080000E+01;-4.080000E+01"
    )
    ask("VOLT 100;VOLT 511")
    assert ask("SYST:ERR?;:VOLT?") == '-222,"Data out of range";+1.000000E+02'
    ask("CURR:LIM:NEG 5")
    assert ask("SYST:ERR?") == '-222,"Data out of range"'


def test_switching_on_is_overlapped_and_opc_waits_for_it(ask, supply, clock, circuit):
    ask("VOLT 100;:OUTP ON;*OPC")
    assert not circuit.setting.on
    assert ask("OUTP?;*ESR?") == "1;128"
    assert supply.execute(b"*OPC?").turnaround_s == pytest.approx(supply.turnaround_s + 0.012)
    clock.sleep_until(0.012)
    assert circuit.setting.on
    assert ask("*ESR?;*OPC?") == "1;1"
    assert supply.execute(b"*OPC?").turnaround_s == pytest.approx(supply.turnaround_s)


def test_current_priority_takes_14_ms_and_delays_add_up(ask, supply, clock, circuit):
    ask("FUNC CURR;:OUTP:DEL:RISE 0.1;FALL 0.05;:OUTP ON")
    assert supply.panel.pending_s == pytest.approx(0.114)
    clock.sleep_until(0.113)
    assert not circuit.setting.on
    clock.sleep_until(0.115)
    assert circuit.setting.on
    ask("OUTP OFF")
    assert circuit.setting.on
    clock.sleep_until(0.17)
    assert not circuit.setting.on


def test_switching_off_without_delay_is_immediate_and_stops_a_start(ask, clock, circuit):
    ask("VOLT 100;:OUTP ON")
    ask("OUTP OFF")
    clock.sleep_until(1.0)
    assert not any(setting.on for setting in circuit.applied)


def test_meters_answer_in_nr3(ask, run, circuit):
    circuit.emf_v, circuit.ohm = 350.0, 1.0
    ask("VOLT 360;:CURR:LIM 30;:CURR:LIM:NEG -20")
    run("OUTP ON")
    assert float(ask("MEAS:VOLT?")) == pytest.approx(360.0, abs=0.3)
    assert float(ask("FETC:SCAL:CURR:DC?")) == pytest.approx(10.0, abs=0.03)
    assert float(ask("MEAS:POW?")) == pytest.approx(3600.0, abs=12.0)
    assert "E+0" in ask("MEAS:VOLT?")


def test_operation_and_questionable_registers_follow_the_limits(ask, run, circuit):
    circuit.emf_v, circuit.ohm = 300.0, 1.0
    ask("VOLT 310;:CURR:LIM 20;:CURR:LIM:NEG -20")
    run("OUTP ON")
    assert ask("STAT:OPER:COND?;:STAT:QUES:COND?") == "+1;+0"
    circuit.emf_v = 250.0
    assert ask("STAT:OPER:COND?;:STAT:QUES:COND?") == "+2;+128"
    circuit.emf_v = 350.0
    assert ask("STAT:OPER:COND?;:STAT:QUES:COND?") == "+2;+256"
    assert ask("STAT:QUES1:EVEN?;:STAT:QUES1?") == "+384;+0"


def test_transition_filters_choose_the_edge(ask, run, circuit):
    ask("STAT:OPER:PTR 0;NTR 4;ENAB 4;:STAT:OPER?;*CLS")
    run("OUTP ON")
    assert ask("STAT:OPER:COND?") == "+1"
    assert ask("*STB?") == "128"
    assert ask("STAT:OPER?") == "+4"
    assert ask("*STB?") == "0"
    ask("STAT:PRES")
    assert ask("STAT:OPER:PTR?;NTR?;ENAB?") == "+32767;+0;+0"


def test_the_watchdog_latches_the_output_off_and_clearing_restores_it(ask, run, clock, circuit):
    ask("VOLT 360;:OUTP:PROT:WDOG:DEL 5;:OUTP:PROT:WDOG ON")
    assert ask("OUTP:PROT:WDOG?;:OUTP:PROT:WDOG:DEL?") == "1;+5.000000E+00"
    run("OUTP ON")
    for second in range(1, 9):
        clock.sleep_until(second)
        ask("*STB?")
    assert circuit.setting.on
    clock.sleep_until(12.9)
    assert circuit.setting.on
    clock.sleep_until(13.0)
    assert not circuit.setting.on
    assert ask("OUTP?;:STAT:QUES1:COND?;:STAT:OPER:COND?") == "1;+2048;+0"
    run("OUTP ON")
    assert not circuit.setting.on
    run("OUTP:PROT:CLE")
    assert circuit.setting.on
    assert ask("STAT:QUES1:COND?") == "+0"


def test_over_voltage_latches_until_cleared(ask, run, clock, circuit):
    ask("VOLT 300;:VOLT:PROT 350;:CURR:LIM:NEG -20")
    run("OUTP ON")
    circuit.emf_v, circuit.ohm = 400.0, 1.0
    clock.sleep_until(2.0)
    assert not circuit.setting.on
    assert ask("STAT:QUES1:COND?") == "+1"
    circuit.emf_v, circuit.ohm = 0.0, None
    run("OUTP:PROT:CLE")
    assert circuit.setting.on


def test_over_current_protection_trips_at_the_limit_when_enabled(ask, run, circuit):
    ask("VOLT 300;:CURR:LIM 10;:CURR:PROT:STAT ON")
    run("OUTP ON")
    circuit.ohm = 20.0
    assert ask("STAT:QUES1:COND?") == "+2"
    assert not circuit.setting.on


def test_low_voltage_protection_waits_for_its_delay(ask, run, clock, circuit):
    ask("VOLT 300;:CURR:LIM 10;:VOLT:PROT:LOW 200;LOW:DEL 3;:VOLT:PROT:LOW:STAT ON")
    run("OUTP ON")
    circuit.ohm = 10.0
    assert ask("STAT:QUES2:COND?") == "+0"
    clock.sleep_until(5.0)
    assert ask("STAT:QUES2:COND?") == "+64"
    assert not circuit.setting.on


def test_a_fault_of_the_box_itself_cannot_be_cleared_while_it_stands(supply, ask, run, circuit):
    run("OUTP ON")
    supply.panel.set_cause(Trip.OVER_TEMPERATURE, True)
    assert ask("STAT:QUES1:COND?") == "+16"
    run("OUTP:PROT:CLE")
    assert not circuit.setting.on
    supply.panel.set_cause(Trip.OVER_TEMPERATURE, False)
    run("OUTP:PROT:CLE")
    assert circuit.setting.on


def test_an_unread_reply_is_a_query_error(supply, ask):
    ask("*ESR?")
    supply.interrupted()
    assert ask("*ESR?;:SYST:ERR?") == '4;-410,"Query INTERRUPTED"'


def test_the_queue_holds_twenty_and_marks_the_overflow(ask):
    for _ in range(25):
        ask("FOO")
    errors = [ask("SYST:ERR?") for _ in range(21)]
    assert errors[:19] == ['-113,"Undefined header"'] * 19
    assert errors[19:] == ['-350,"Queue overflow"', '+0,"No error"']


def test_rst_takes_everything_back_but_not_the_queue(ask, run, circuit):
    ask("VOLT 360;:OUTP:PROT:WDOG ON;:FOO")
    run("OUTP ON")
    ask("*RST")
    assert not circuit.setting.on
    assert ask("VOLT?;:OUTP?;:OUTP:PROT:WDOG?;:OUTP:PROT:WDOG:DEL?") == (
        "+0.000000E+00;0;0;+6.000000E+01"
    )
    assert ask("SYST:ERR?") == '-113,"Undefined header"'


@pytest.mark.parametrize("seconds", ["0", "3601"])
def test_the_watchdogs_delay_has_bounds(ask, seconds):
    ask(f"OUTP:PROT:WDOG:DEL {seconds}")
    assert ask("SYST:ERR?") == '-222,"Data out of range"'
