"""Delta SM15K: literal transcripts of its socket (A4, manual of firmware P0150)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.boxes.delta_sm15k import DeltaSm15k


class Wire:
    def __init__(self):
        self.sent, self.charged_s = b"", 0.0

    def send(self, data):
        self.sent += data

    def charge(self, turnaround_s):
        self.charged_s += turnaround_s


class Bench:
    def __init__(self, clock, circuit):
        self.clock, self.circuit, self.wire = clock, circuit, Wire()
        self.box = DeltaSm15k(clock, circuit, np.random.default_rng(2))
        self.session = self.box.service()(self.wire)

    def raw(self, data):
        self.wire.sent = b""
        self.session.received(data)
        return self.wire.sent

    def say(self, message):
        reply = self.raw(message.encode() + b"\n").decode()
        assert reply == "" or reply.endswith("\n")
        return reply.removesuffix("\n")

    def remote(self):
        for loop in ("CV", "CC", "CP"):
            self.say(f"SYST:REM:{loop} Ethernet")

    def ready(self, volts=360.0):
        self.remote()
        for line in (f"SOUR:VOL {volts}", "SOUR:CUR 40", "SOUR:POW 15000", "SOUR:CUR:NEG -40",
                     "SOUR:POW:NEG -15000", "OUTP 1"):  # fmt: skip
            self.say(line)
        assert self.say("SYST:ERR?") == "0,None"


@pytest.fixture
def bench(clock, circuit):
    return Bench(clock, circuit)


def test_it_says_who_it_is_in_five_fields(bench):
    assert bench.say("*IDN?") == "DELTA ELEKTRONIKA BV,SM500-CP-90,000010207248,H0_P0150,0"


@pytest.mark.parametrize(
    "header",
    ["sour:vol", "sour:volt", "source:volt", "SOURCE:VOLTAGE", "SoUrCe:VoLtAgE", "Sour:Voltage"],
)
def test_the_manuals_short_form_four_letters_and_the_long_form_are_accepted(bench, header):
    assert bench.say(f"{header} 14") == ""
    assert bench.say(f"{header}?") == "14.0000"
    assert bench.say("SYST:ERR?") == "0,None"


@pytest.mark.parametrize("header", ["SOU:VOL", "SOUR:VOLTA", ":SOUR:VOL", "SOUR::VOL", "VOL"])
def test_other_spellings_are_refused(bench, header):
    bench.say(f"{header} 14")
    assert bench.say("SYST:ERR?") in ("-113,Undefined header", "-102,Syntax error")
    assert bench.say("SOUR:VOL?") == "0.0000"


def test_a_value_acts_only_while_ethernet_is_its_source(bench):
    assert bench.say("SYST:REM:CV?") == "Front"
    bench.say("SOUR:VOL 360")
    bench.say("OUTP ON")
    assert bench.say("SOUR:VOL?") == "360.0000"
    assert bench.circuit.setting.voltage_v == 0.0
    bench.say("SYST:REM:CV Remote")
    assert bench.say("SYST:REM:CV:STA?") == "Ethernet"
    assert bench.circuit.setting.voltage_v == pytest.approx(360.0, abs=0.004)
    bench.say("SYST:REM:CV Local")
    assert bench.circuit.setting.voltage_v == 0.0
    assert bench.say("STAT:REG:B?") == "0"


def test_each_quantity_has_its_own_source(bench):
    bench.say("SYST:REM:CC eth")
    bench.say("SYST:REM:CP SLOT4")
    assert (bench.say("SYST:REM:CC?"), bench.say("SYST:REM:CP?")) == ("Ethernet", "Slot4")
    assert bench.say("STAT:REG:B?") == "6"
    bench.say("SYST:REM:CV Moon")
    assert bench.say("SYST:ERR?") == "-224,Illegal parameter value"


def test_limits_and_steps_are_told(bench):
    assert [bench.say(f"SOUR:{q}:MAX?") for q in ("VOL", "CUR", "CUR:NEG", "POW", "POW:NEG")] == [
        "500", "90", "-90", "15000", "-15000"]  # fmt: skip
    assert bench.say("SOUR:VOL:STE?") == "7.629510948348211E-03"
    assert float(bench.say("SOURCE:CURRENT:STEPSIZE?")) == pytest.approx(90 / 65535)


@pytest.mark.parametrize(
    "message", ["SOUR:VOL 501", "SOUR:VOL -1", "SOUR:CUR 91", "SOUR:CUR:NEG 5", "SOUR:CUR:NEG -91",
                "SOUR:POW:NEG 1", "SOUR:POW 15001"],
)  # fmt: skip
def test_a_value_out_of_range_is_refused_and_the_old_one_kept(bench, message):
    bench.ready()
    header = message.split()[0]
    before = bench.say(f"{header}?")
    bench.say(message)
    assert bench.say("SYST:ERR?") == "-222,Data out of range"
    assert bench.say(f"{header}?") == before


def test_an_enabled_limit_refuses_what_goes_beyond_it(bench):
    bench.ready(volts=300.0)
    bench.say("SYST:LIM:VOL 400,ON")
    bench.say("SYST:LIM:CUR:NEG -30,1")
    assert bench.say("SYST:LIM:VOL?") == "400.0000,ON"
    assert bench.say("SOUR:CUR:NEG?") == "-30.0000"
    assert bench.circuit.setting.sink_current_a == pytest.approx(30.0, abs=0.002)
    bench.say("SOUR:VOL 401")
    assert bench.say("SYST:ERR?") == "-222,Data out of range"
    bench.say("SOUR:VOL 400")
    assert int(bench.say("STAT:REG:A?")) & 0x18 == 0x18
    bench.say("SYST:LIM:VOL 400,OFF")
    bench.say("SOUR:VOL 450")
    assert (bench.say("SYST:ERR?"), bench.say("SOUR:VOL?")) == ("0,None", "450.0000")


def test_it_sources_into_a_resistor_and_sinks_from_a_battery(bench):
    bench.ready(volts=360.0)
    bench.circuit.ohm = 36.0
    assert float(bench.say("MEAS:CUR?")) == pytest.approx(10.0, abs=0.03)
    bench.circuit.emf_v, bench.circuit.ohm = 380.0, 1.0
    assert float(bench.say("MEASURE:CURRENT?")) == pytest.approx(-20.0, abs=0.03)
    assert float(bench.say("MEAS:POW?")) == pytest.approx(-7200.0, abs=20.0)
    assert bench.say("STAT:REG:A?") == "8193"
    bench.circuit.emf_v = 420.0
    assert float(bench.say("MEAS:CUR?")) == pytest.approx(-40.0, abs=0.04)
    assert bench.say("STAT:REG:A?") == "8194"


def test_open_terminals_show_the_set_voltage(bench):
    bench.ready(volts=360.0)
    assert bench.say("MEAS:VOL?").partition(".")[2].__len__() == 4
    assert float(bench.say("MEAS:VOL?")) == pytest.approx(360.0, abs=0.3)
    assert float(bench.say("MEAS:CUR?")) == pytest.approx(0.0, abs=0.02)
    bench.say("OUTP OFF")
    assert float(bench.say("MEAS:VOL?")) == pytest.approx(0.0, abs=0.1)


def test_the_queue_keeps_ten_errors_and_drops_the_rest(bench):
    for _ in range(12):
        bench.say("FOO")
    bench.say("SOUR:VOL 900")
    assert [bench.say("SYST:ERR?") for _ in range(11)] == ["-113,Undefined header"] * 10 + [
        "0,None"
    ]
    assert bench.say("SYST:WAR?") == "0,None"


def test_cls_empties_the_queue_and_rst_takes_the_values_back(bench):
    bench.ready()
    bench.say("FOO")
    bench.say("SYST:RSD 1")
    bench.say("SYST:FRO ON")
    bench.say("*CLS")
    assert (bench.say("SYST:ERR?"), bench.say("SOUR:VOL?")) == ("0,None", "360.0000")
    bench.say("*RST")
    assert (bench.say("SOUR:VOL?"), bench.say("SYST:RSD?"), bench.say("SYST:FRO?")) == (
        "0.0000", "0", "0")  # fmt: skip
    assert bench.say("SYST:REM:CV?") == "Ethernet"


@pytest.mark.parametrize("message", ["*ESR?", "*STB?", "*OPC?", "*OPT?", "SYST:VERS?"])
def test_what_the_manual_does_not_have_is_unknown(bench, message):
    assert bench.say(message) == ""
    assert bench.say("SYST:ERR?") == "-113,Undefined header"


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("SOUR:VOL 1;SOUR:CUR 1", -102),
        ("SOUR:VOL? 1?", -102),
        ("SOUR:VOL", -109),
        ("SOUR:VOL 1,2", -108),
        ("SOUR:VOL 5V", -104),
        ("*IDN", -113),
        ("MEAS:VOL", -113),
        ("OUTP MAYBE", -224),
        ("OUTP? 1?", -102),
    ],
)
def test_a_mistake_gives_its_error(bench, message, error):
    assert bench.say(message) == ""
    assert bench.say("SYST:ERR?").startswith(f"{error},")


def test_the_watchdog_switches_the_output_off_when_nothing_valid_comes(bench):
    bench.ready()
    assert bench.say("SYST:COM:WAT?") == "-1"
    bench.say("SYST:COM:WAT SET,1000")
    assert bench.say("SYST:COM:WAT SET?") == "1000"
    for _ in range(5):
        bench.clock.sleep_until(bench.clock.now() + 0.177)
        assert bench.say("SYST:COM:WAT?") == "823"
    bench.clock.sleep_until(bench.clock.now() + 0.9)
    assert bench.circuit.setting.on
    assert bench.say("NONSENSE") == ""
    bench.clock.sleep_until(bench.clock.now() + 0.0999)
    assert bench.circuit.setting.on
    bench.clock.sleep_until(bench.clock.now() + 0.0001)
    assert not bench.circuit.setting.on
    assert (bench.say("SYST:COM:WAT?"), bench.say("SYST:COM:WAT?")) == ("0", "-1")
    assert bench.say("OUTP?") == "0"
    bench.say("OUTP ON")
    assert bench.circuit.setting.on


def test_the_watchdog_can_be_stopped_and_tested(bench):
    bench.ready()
    bench.say("SYST:COM:WAT SET,20")
    bench.say("SYST:COM:WAT STOP")
    bench.clock.sleep_until(60.0)
    assert bench.circuit.setting.on
    bench.say("SYST:COM:WAT TEST")
    bench.clock.sleep_until(60.0024)
    assert bench.circuit.setting.on
    bench.clock.sleep_until(60.0025)
    assert not bench.circuit.setting.on
    assert bench.say("SYST:COM:WAT?") == "0"


@pytest.mark.parametrize("period", ["19", "10001", "20.5", "x"])
def test_the_watchdogs_time_has_bounds(bench, period):
    bench.say(f"SYST:COM:WAT SET,{period}")
    assert bench.say("SYST:ERR?") != "0,None"
    assert bench.say("SYST:COM:WAT?") == "-1"


def test_rsd_and_faults_keep_the_output_off(bench):
    bench.ready()
    bench.say("SYST:RSD ON")
    assert not bench.circuit.setting.on
    assert bench.say("STAT:REG:A?") == "4096"
    bench.say("SYST:RSD OFF")
    assert bench.circuit.setting.on
    bench.box.set_cause("OT", True)
    assert not bench.circuit.setting.on
    assert bench.say("STAT:REG:A?") == "256"
    bench.box.set_cause("OT", False)
    assert bench.circuit.setting.on


def test_the_front_panel_can_be_locked(bench):
    bench.say("SYST:FRO 1")
    bench.say("SYST:FRO:CON 1")
    assert (bench.say("SYST:FRONTPANEL:STATUS?"), bench.say("SYST:FRO:CON?")) == ("1", "1")
    assert bench.say("STAT:REG:A?") == "16384"


def test_ampere_hours_and_watt_hours_are_counted_by_direction(bench):
    bench.ready(volts=360.0)
    assert bench.say("MEAS:INS AH,POS,TOTAL?") == "0.000000E+00"
    bench.circuit.ohm = 36.0
    bench.say("MEAS:INS AH,STATE,ON")
    bench.say("MEAS:INS WH,STATE,ON")
    bench.clock.sleep_until(360.0)
    bench.circuit.emf_v, bench.circuit.ohm = 380.0, 1.0
    bench.clock.sleep_until(720.0)
    assert float(bench.say("MEAS:INS AH,POS,TOTAL?")) == pytest.approx(1.0, rel=0.003)
    assert float(bench.say("MEAS:INS AH,NEG,TOTAL?")) == pytest.approx(-2.0, rel=0.003)
    assert float(bench.say("MEAS:INS WH,POS,TOTAL?")) == pytest.approx(360.0, rel=0.003)
    assert float(bench.say("MEAS:INS AH,NEG,IMAX?")) == pytest.approx(-20.0, abs=0.05)
    assert float(bench.say("MEAS:INS WH,NEG,PMAX?")) == pytest.approx(-7200.0, abs=20.0)
    assert bench.say("MEAS:INS AH,TIMEHR?") == "0.200"
    seconds = bench.say("MEAS:INS AH,TIMESEC?")
    assert float(seconds) == pytest.approx(720.0, abs=0.11)
    bench.say("MEAS:INS AH,STATE,SUSPEND")
    bench.clock.sleep_until(1000.0)
    bench.say("MEAS:INS AH,STATE,RESUME")
    assert (bench.say("MEAS:INS AH,STATE?"), bench.say("MEAS:INS AH,TIMESEC?")) == ("ON", seconds)
    bench.say("MEAS:INS AH,STATE,OFF")
    assert bench.say("MEAS:INS AH,POS,TOTAL?") == "0.000000E+00"
    bench.say("MEAS:INS AH,POS,PMAX?")
    assert bench.say("SYST:ERR?").startswith("-224")


def test_slot_cards_take_outputs_inputs_and_relays(bench):
    bench.say("SYST:INT:DIO:OUT 1,65")
    bench.box.slots.digital(1).inputs = 3
    assert (bench.say("SYST:INT:DIO:OUT 1?"), bench.say("SYST:INT:DIO:INP 1?")) == ("65", "3")
    bench.say("SYST:INT:ICO:REL 2,4,1")
    assert bench.say("SYST:INTERFACE:ICONTACTS:RELAY 2,4?") == "1"
    assert bench.say("SYST:INT:ICO:REL 2?") == "0,0,0,1"
    for message in ("SYST:INT:DIO:OUT 2,1", "SYST:INT:DIO:OUT 1,256", "SYST:INT:ICO:REL 2,5,1"):
        bench.say(message)
    assert [bench.say("SYST:ERR?")[:4] for _ in range(3)] == ["-241", "-222", "-222"]


def test_the_catalog_is_a_reply_of_several_lines(bench):
    assert bench.raw(b"PROG:CAT?\n") == b"\n"
    for name in ("wave1", "PROCESS4", "RAMPUP"):
        bench.say(f"PROG:SEL:NAM {name}")
    assert bench.raw(b"PROG:CAT?\n") == b"WAVE1\nPROCESS4\nRAMPUP\n\n"
    bench.say("PROG:SEL:STE 21 CJNE #A,3,15")
    assert bench.say("PROG:SEL:STE 21?") == "21 CJNE #A,3,15"
    assert bench.raw(b"PROG:SEL:STE 22?\n") == b"\n"
    bench.say("PROG:SEL:STA RUN")
    assert bench.say("SYST:ERR?") == "-221,Settings conflict"
    assert bench.say("PROG:SEL:STA?") == "STOP"


def test_the_terminator_can_be_changed_and_any_split_is_read(bench):
    assert bench.raw(b"\n\r\n*ID") == b""
    assert bench.raw(b"N?\r\n") == b"DELTA ELEKTRONIKA BV,SM500-CP-90,000010207248,H0_P0150,0\n"
    bench.say("SYST:COM:TER CR")
    assert bench.raw(b"SYST:COM:TER?\r") == b"CR\r"
    assert bench.raw(b"SYST:COM:TER CRLF\rOUTP?\r\n") == b"0\r\n"


def test_user_data_is_kept(bench):
    bench.say("*PUD BENCH 1, HOME")
    bench.say("*SAV")
    assert bench.say("*PUD?") == "BENCH 1, HOME"
    bench.say("*PUD " + "x" * 73)
    assert bench.say("SYST:ERR?").startswith("-223")


def test_each_message_costs_its_turnaround(bench):
    bench.say("*IDN?")
    bench.say("SOUR:VOL 1")
    assert bench.wire.charged_s == pytest.approx(2 * bench.box.turnaround_s)


def test_a_message_beyond_the_buffer_is_reported_and_the_next_one_read(bench):
    bench.session.received(b"X" * 100_000)
    assert bench.say("") == ""
    assert bench.say("SYST:ERR?") == "-363,Input buffer overrun"


def test_meters_repeat_with_their_seed(circuit):
    shown = [Bench(VirtualClock(), circuit).say("MEAS:VOL?") for _ in range(2)]
    assert shown[0] == shown[1]


@given(st.floats(0, 500), st.floats(-90, 0))
@settings(max_examples=40, deadline=None)
def test_what_is_set_acts_within_half_a_step(volts, amps):
    clock = VirtualClock()
    bench = Bench(clock, _circuit())
    bench.remote()
    bench.say(f"SOUR:VOL {volts:.6f}")
    bench.say(f"SOUR:CUR:NEG {amps:.6f}")
    assert abs(bench.circuit.setting.voltage_v - volts) <= 500 / 65535 / 2 + 1e-6
    assert abs(bench.circuit.setting.sink_current_a + amps) <= 90 / 65535 / 2 + 1e-6


def _circuit():
    class Bare:
        setting = None

        def apply(self, setting):
            self.setting = setting

    return Bare()
