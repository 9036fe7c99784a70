"""Delta SM15K: what acts at the terminals, what is measured there, what switches them off (A4)."""

import pytest
from dc_circuit import DcCircuit
from delta_bench import DeltaBench
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock


def test_a_value_acts_only_while_ethernet_is_its_source(delta):
    assert delta.say("SYST:REM:CV?") == "Front"
    delta.say("SOUR:VOL 360")
    delta.say("OUTP ON")
    assert delta.say("SOUR:VOL?") == "360.0000"
    assert delta.circuit.setting.voltage_v == 0.0
    delta.say("SYST:REM:CV Remote")
    assert delta.say("SYST:REM:CV:STA?") == "Ethernet"
    assert delta.circuit.setting.voltage_v == pytest.approx(360.0, abs=0.004)
    delta.say("SYST:REM:CV Local")
    assert delta.circuit.setting.voltage_v == 0.0
    assert delta.say("STAT:REG:B?") == "0"


def test_each_quantity_has_its_own_source(delta):
    delta.say("SYST:REM:CC eth")
    delta.say("SYST:REM:CP SLOT4")
    assert (delta.say("SYST:REM:CC?"), delta.say("SYST:REM:CP?")) == ("Ethernet", "Slot4")
    assert delta.say("STAT:REG:B?") == "6"
    delta.say("SYST:REM:CV Moon")
    assert delta.say("SYST:ERR?") == "-224,Illegal parameter value"


def test_limits_and_steps_are_told(delta):
    assert [delta.say(f"SOUR:{q}:MAX?") for q in ("VOL", "CUR", "CUR:NEG", "POW", "POW:NEG")] == [
        "500", "90", "-90", "15000", "-15000"]  # fmt: skip
    assert delta.say("SOUR:VOL:STE?") == "7.629510948348211E-03"
    assert float(delta.say("SOURCE:CURRENT:STEPSIZE?")) == pytest.approx(90 / 65535)


@pytest.mark.parametrize(
    "message", ["SOUR:VOL 501", "SOUR:VOL -1", "SOUR:CUR 91", "SOUR:CUR:NEG 5", "SOUR:CUR:NEG -91",
                "SOUR:POW:NEG 1", "SOUR:POW 15001"],
)  # fmt: skip
def test_a_value_out_of_range_is_refused_and_the_old_one_kept(delta, message):
    delta.ready()
    header = message.split()[0]
    before = delta.say(f"{header}?")
    delta.say(message)
    assert delta.say("SYST:ERR?") == "-222,Data out of range"
    assert delta.say(f"{header}?") == before


def test_an_enabled_limit_refuses_what_goes_beyond_it(delta):
    delta.ready(volts=300.0)
    delta.say("SYST:LIM:VOL 400,ON")
    delta.say("SYST:LIM:CUR:NEG -30,1")
    assert delta.say("SYST:LIM:VOL?") == "400.0000,ON"
    assert delta.say("SOUR:CUR:NEG?") == "-30.0000"
    assert delta.circuit.setting.sink_current_a == pytest.approx(30.0, abs=0.002)
    delta.say("SOUR:VOL 401")
    assert delta.say("SYST:ERR?") == "-222,Data out of range"
    delta.say("SOUR:VOL 400")
    assert int(delta.say("STAT:REG:A?")) & 0x18 == 0x18
    delta.say("SYST:LIM:VOL 400,OFF")
    delta.say("SOUR:VOL 450")
    assert (delta.say("SYST:ERR?"), delta.say("SOUR:VOL?")) == ("0,None", "450.0000")


@given(st.floats(0, 500), st.floats(-90, 0))
@settings(max_examples=40, deadline=None)
def test_what_is_set_acts_within_half_a_step(volts, amps):
    clock = VirtualClock()
    delta = DeltaBench(clock, DcCircuit())
    delta.remote()
    delta.say(f"SOUR:VOL {volts:.6f}")
    delta.say(f"SOUR:CUR:NEG {amps:.6f}")
    assert abs(delta.circuit.setting.voltage_v - volts) <= 500 / 65535 / 2 + 1e-6
    assert abs(delta.circuit.setting.sink_current_a + amps) <= 90 / 65535 / 2 + 1e-6


def test_it_sources_into_a_resistor_and_sinks_from_a_battery(delta):
    delta.ready(volts=360.0)
    delta.circuit.ohm = 36.0
    assert float(delta.say("MEAS:CUR?")) == pytest.approx(10.0, abs=0.03)
    delta.circuit.emf_v, delta.circuit.ohm = 380.0, 1.0
    assert float(delta.say("MEASURE:CURRENT?")) == pytest.approx(-20.0, abs=0.03)
    assert float(delta.say("MEAS:POW?")) == pytest.approx(-7200.0, abs=20.0)
    assert delta.say("STAT:REG:A?") == "8193"
    delta.circuit.emf_v = 420.0
    assert float(delta.say("MEAS:CUR?")) == pytest.approx(-40.0, abs=0.04)
    assert delta.say("STAT:REG:A?") == "8194"


def test_open_terminals_show_the_set_voltage(delta):
    delta.ready(volts=360.0)
    assert delta.say("MEAS:VOL?").partition(".")[2].__len__() == 4
    assert float(delta.say("MEAS:VOL?")) == pytest.approx(360.0, abs=0.3)
    assert float(delta.say("MEAS:CUR?")) == pytest.approx(0.0, abs=0.02)
    delta.say("OUTP OFF")
    assert float(delta.say("MEAS:VOL?")) == pytest.approx(0.0, abs=0.1)


def test_meters_repeat_with_their_seed(circuit):
    shown = [DeltaBench(VirtualClock(), circuit).say("MEAS:VOL?") for _ in range(2)]
    assert shown[0] == shown[1]


def test_ampere_hours_and_watt_hours_are_counted_by_direction(delta):
    delta.ready(volts=360.0)
    assert delta.say("MEAS:INS AH,POS,TOTAL?") == "0.000000E+00"
    delta.circuit.ohm = 36.0
    delta.say("MEAS:INS AH,STATE,ON")
    delta.say("MEAS:INS WH,STATE,ON")
    delta.clock.sleep_until(360.0)
    delta.circuit.emf_v, delta.circuit.ohm = 380.0, 1.0
    delta.clock.sleep_until(720.0)
    assert float(delta.say("MEAS:INS AH,POS,TOTAL?")) == pytest.approx(1.0, rel=0.003)
    assert float(delta.say("MEAS:INS AH,NEG,TOTAL?")) == pytest.approx(-2.0, rel=0.003)
    assert float(delta.say("MEAS:INS WH,POS,TOTAL?")) == pytest.approx(360.0, rel=0.003)
    assert float(delta.say("MEAS:INS AH,NEG,IMAX?")) == pytest.approx(-20.0, abs=0.05)
    assert float(delta.say("MEAS:INS WH,NEG,PMAX?")) == pytest.approx(-7200.0, abs=20.0)
    assert delta.say("MEAS:INS AH,TIMEHR?") == "0.200"
    seconds = delta.say("MEAS:INS AH,TIMESEC?")
    assert float(seconds) == pytest.approx(720.0, abs=0.11)
    delta.say("MEAS:INS AH,STATE,SUSPEND")
    delta.clock.sleep_until(1000.0)
    delta.say("MEAS:INS AH,STATE,RESUME")
    assert (delta.say("MEAS:INS AH,STATE?"), delta.say("MEAS:INS AH,TIMESEC?")) == ("ON", seconds)
    delta.say("MEAS:INS AH,STATE,OFF")
    assert delta.say("MEAS:INS AH,POS,TOTAL?") == "0.000000E+00"
    delta.say("MEAS:INS AH,POS,PMAX?")
    assert delta.say("SYST:ERR?").startswith("-224")


def test_the_watchdog_switches_the_output_off_when_nothing_valid_comes(delta):
    delta.ready()
    assert delta.say("SYST:COM:WAT?") == "-1"
    delta.say("SYST:COM:WAT SET,1000")
    assert delta.say("SYST:COM:WAT SET?") == "1000"
    for _ in range(5):
        delta.clock.sleep_until(delta.clock.now() + 0.177)
        assert delta.say("SYST:COM:WAT?") == "823"
    delta.clock.sleep_until(delta.clock.now() + 0.9)
    assert delta.circuit.setting.on
    assert delta.say("NONSENSE") == ""
    delta.clock.sleep_until(delta.clock.now() + 0.0999)
    assert delta.circuit.setting.on
    delta.clock.sleep_until(delta.clock.now() + 0.0001)
    assert not delta.circuit.setting.on
    assert (delta.say("SYST:COM:WAT?"), delta.say("SYST:COM:WAT?")) == ("0", "-1")
    assert delta.say("OUTP?") == "0"
    delta.say("OUTP ON")
    assert delta.circuit.setting.on


def test_the_watchdog_can_be_stopped_and_tested(delta):
    delta.ready()
    delta.say("SYST:COM:WAT SET,20")
    delta.say("SYST:COM:WAT STOP")
    delta.clock.sleep_until(60.0)
    assert delta.circuit.setting.on
    delta.say("SYST:COM:WAT TEST")
    delta.clock.sleep_until(60.0024)
    assert delta.circuit.setting.on
    delta.clock.sleep_until(60.0025)
    assert not delta.circuit.setting.on
    assert delta.say("SYST:COM:WAT?") == "0"


@pytest.mark.parametrize("period", ["19", "10001", "20.5", "x"])
def test_the_watchdogs_time_has_bounds(delta, period):
    delta.say(f"SYST:COM:WAT SET,{period}")
    assert delta.say("SYST:ERR?") != "0,None"
    assert delta.say("SYST:COM:WAT?") == "-1"


def test_rsd_and_faults_keep_the_output_off(delta):
    delta.ready()
    delta.say("SYST:RSD ON")
    assert not delta.circuit.setting.on
    assert delta.say("STAT:REG:A?") == "4096"
    delta.say("SYST:RSD OFF")
    assert delta.circuit.setting.on
    delta.box.set_cause("OT", True)
    assert not delta.circuit.setting.on
    assert delta.say("STAT:REG:A?") == "256"
    delta.box.set_cause("OT", False)
    assert delta.circuit.setting.on
