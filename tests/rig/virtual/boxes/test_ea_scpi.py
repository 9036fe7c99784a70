import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.boxes.ea_psb10000 import EaPsb10000, Interface
from rig.virtual.modbus import seal
from rig.virtual.ports import SupplyReading


class Terminals:
    def __init__(self):
        self.applied = []
        self.reading = SupplyReading(0.0, 0.0, 0.0, "CV")

    def apply(self, setting):
        self.applied.append(setting)

    def read(self):
        return self.reading

    def show(self, volts, amps, regulation="CV"):
        self.reading = SupplyReading(volts, amps, volts * amps, regulation)


class Wire:
    def __init__(self):
        self.sent = b""

    def send(self, data):
        self.sent += data

    def charge(self, turnaround_s):
        pass

    def close(self):
        pass


class Bench:
    def __init__(self):
        self.clock = VirtualClock()
        self.terminals = Terminals()
        rng = np.random.default_rng(5)
        self.box = EaPsb10000(self.terminals, self.clock, rng, meter_noise=0.0)
        self.say = self.connect()

    def connect(self, interface=Interface.ETHERNET):
        wire = Wire()
        session = self.box.service(interface)(wire)

        def say(message):
            wire.sent = b""
            session.received(message.encode("latin-1") + b"\n")
            assert wire.sent == b"" or wire.sent.endswith(b"\n")
            return wire.sent.decode().removesuffix("\n")

        return say

    def remote(self):
        self.say("SYST:LOCK ON")

    def error(self):
        return int(self.say("SYST:ERR?").split(",")[0])


@pytest.fixture
def bench():
    return Bench()


def test_the_identification_has_four_fields_and_the_user_text_as_a_fifth(bench):
    assert bench.say("*IDN?") == (
        "EA Elektro-Automatik GmbH&Co.KG, PSB 10500-90, 2023120002, "
        "V3.10 24.05.2023 V3.03 05.10.2022 V1.0.0"
    )
    bench.remote()
    bench.say('SYST:CONF:USER:TEXT "pack; bench 1"')
    assert bench.say("*IDN?").endswith("V1.0.0, pack; bench 1")
    assert bench.say("SYST:CONF:USER:TEXT?") == '"pack; bench 1"'


def test_the_lock_has_an_owner(bench):
    assert bench.say("SYST:LOCK:OWN?") == "NONE"
    bench.remote()
    assert bench.say("SYST:LOCK:OWN?") == "REMOTE"
    bench.box.press_local(True)
    assert bench.say("SYST:LOCK:OWN?") == "LOCAL"
    bench.say("SYST:LOCK ON")
    assert bench.error() == -201


def test_without_remote_a_setting_conflicts(bench):
    bench.say("VOLT 10")
    assert bench.say("SYST:ERR?") == '-221,"Settings conflict"'
    assert bench.say("SYST:ERR?") == '0,"No error"'


def test_another_interface_conflicts_while_one_has_remote(bench):
    bench.remote()
    usb = bench.connect(Interface.USB)
    usb("SYST:LOCK ON")
    usb("VOLT 10")
    assert usb("SYST:ERR:ALL?") == '-221,"Settings conflict", -221,"Settings conflict"'
    assert usb("VOLT?") == "0.0V"


@pytest.mark.parametrize(
    ("command", "query", "reply"),
    [
        ("VOLT 370", "VOLT?", "370.0V"),
        ("SOUR:VOLTAGE 12.5V", "SOURCE:VOLT?", "12.5V"),
        ("CURR 45 A", "CURR?", "45.00A"),
        ("POW 3kW", "POW?", "3000W"),
        (":POW 3k", ":POW?", "3000W"),
        ("POW 1.5E3", "POW?", "1500W"),
        ("RES 50OHM", "RES?", "50.0OHM"),
        ("SINK:CURR 15", "SINK:CURR?", "15.00A"),
        ("SINK:POW 2000", "SINK:POW?", "2000W"),
        ("SINK:RES 20", "SINK:RES?", "20.0OHM"),
        ("VOLT:PROT 450", "VOLT:PROT?", "450.0V"),
        ("CURR:PROT 90", "CURR:PROT?", "90.00A"),
        ("POW:PROT MAX", "POW:PROT?", "16500W"),
        ("SINK:CURR:PROT 20", "SINK:CURR:PROT?", "20.00A"),
        ("SINK:POW:PROT MIN", "SINK:POW:PROT?", "0W"),
        ("VOLT:LIM:HIGH 400", "VOLT:LIM:HIGH?", "400.0V"),
        ("CURR:LIM:HIGH 50", "CURR:LIM:HIGH?", "50.00A"),
        ("SINK:POW:LIM:HIGH 9000", "SINK:POW:LIM:HIGH?", "9000W"),
        ("SYST:CONF:UVD 250", "SYST:CONF:UVD?", "250.0V"),
        ("SYST:CONF:UVD:ACT ALARM", "SYST:CONF:UVD:ACT?", "ALARM"),
        ("SYST:SINK:CONF:OCD:ACT WARN", "SYST:SINK:CONF:OCD:ACT?", "WARN"),
        ("SYST:CONF:MODE UIR", "SYST:CONF:MODE?", "UIR"),
        ("POW:STAG:AFT:REM AUTO", "POW:STAG:AFT:REM?", "AUTO"),
        ("SYST:ALAR:ACT:OTEM OFF", "SYST:ALAR:ACT:OTEM?", "OFF"),
        ("SYST:COMM:MON:TIM 30", "SYST:COMM:MON:TIM?", "30"),
        ("SYST:COMM:MON:ACT ON", "SYST:COMM:MON:ACT?", "ON"),
        ("SYST:COMM:TIM 20", "SYST:COMM:TIM?", "20"),
        ("OUTP ON", "OUTP?", "ON"),
        ("OUTP 0", "OUTP?", "OFF"),
        ("*ESE 48", "*ESE?", "48"),
        ("*SRE 239", "*SRE?", "175"),
        ("STAT:QUES:ENAB 3072", "STAT:QUES:ENAB?", "3072"),
    ],
)
def test_what_is_set_reads_back_with_its_unit(bench, command, query, reply):
    bench.remote()
    assert bench.say(command) == ""
    assert bench.say(query) == reply
    assert bench.error() == 0


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("FOO:BAR 1", -100),
        ("SYSTE:LOCK ON", -100),
        ("MEAS:VOLT 5", -100),
        ("SYST:LOCK?", -100),
        ("*OPC?", -100),
        ("VOLT 10;", -102),
        ("VOLT1?", -102),
        ("VOLT? MAX", -108),
        ("*RST 1", -108),
        ("VOLT", -220),
        ("VOLT ten", -220),
        ("VOLT 10A", -220),
        ("SYST:COMM:MON:TIM 5.5", -220),
        ("VOLT 511", -222),
        ("VOLT -1", -222),
        ("VOLT:PROT 551", -222),
        ("SYST:COMM:MON:TIM 0", -222),
        ("SYST:COMM:MON:TIM 36001", -222),
        ("*ESE 256", -222),
        ("VOLT 1,2", -223),
        ("OUTP MAYBE", -224),
        ("SYST:CONF:UVD:ACT LOUD", -224),
    ],
)
def test_a_mistake_gives_its_error(bench, message, code):
    bench.remote()
    bench.say(message)
    assert bench.error() == code


def test_a_value_beyond_the_adjustable_limit_is_refused_and_the_old_one_kept(bench):
    bench.remote()
    bench.say("VOLT:LIM:HIGH 400")
    bench.say("VOLT 390")
    bench.say("VOLT 401")
    assert bench.error() == -222
    assert bench.say("VOLT?") == "390.0V"
    bench.say("VOLT MAX")
    assert bench.say("VOLT?") == "400.0V"


def test_measurements_carry_units_and_the_sign_of_the_sink(bench):
    bench.remote()
    bench.say("OUTP ON")
    bench.terminals.show(368.2, -12.0, "CC")
    volts, amps, watts = bench.say("MEAS:ARR?").split(", ")
    assert re.fullmatch(r"36[78]\.\dV", volts)
    assert re.fullmatch(r"-1[12]\.\d\dA", amps)
    assert re.fullmatch(r"-44\d\dW", watts)
    assert bench.say("MEAS:VOLT?;MEAS:CURR?;MEAS:POW?") == f"{volts};{amps};{watts}"


def test_five_units_pass_and_six_are_too_much(bench):
    assert bench.say(";".join(["VOLT?"] * 5)).count(";") == 4
    assert bench.say(";".join(["VOLT?"] * 6)) == ""
    assert bench.error() == -223


def test_there_is_no_path_memory(bench):
    assert bench.say("VOLT:PROT?;CURR:PROT?") == "550.0V;99.00A"
    assert bench.say("VOLT:PROT?;:VOLT:LIM:HIGH?") == "550.0V;510.0V"
    assert bench.say("VOLT:PROT?;:LIM:HIGH?") == "550.0V"
    assert bench.error() == -100


def test_units_around_a_bad_one_are_carried_out(bench):
    assert bench.say("OUTP?;FOO;VOLT?") == "OFF;0.0V"
    assert bench.error() == -100


def test_a_reply_beyond_the_buffer_is_not_sent(bench):
    assert bench.say("*IDN?;*IDN?;*IDN?") == ""
    assert bench.error() == -225


def test_a_message_beyond_the_buffer_does_nothing(bench):
    bench.remote()
    bench.say("VOLT 10;" + " " * 250 + "CURR 5")
    assert bench.error() == -223
    assert bench.say("VOLT?") == "0.0V"


def test_the_queue_keeps_the_first_five_errors(bench):
    for message in ("FOO", "VOLT", "VOLT 1", "BAR", "OUTP? 1", "BAZ"):
        bench.say(message)
    errors = bench.say("SYST:ERR:ALL?")
    assert re.findall(r"-\d+", errors) == ["-100", "-220", "-221", "-100", "-108"]
    assert bench.say("SYST:ERR:ALL?") == '0,"No error"'


def test_conditions_latch_and_events_clear_when_read(bench):
    bench.remote()
    bench.say("OUTP ON")
    assert bench.say("STAT:QUES:COND?") == "3072"
    assert bench.say("STAT:QUES?") == "3072"
    assert bench.say("STAT:QUES:EVEN?") == "0"
    bench.terminals.show(300.0, -5.0, "CC")
    assert bench.say("STAT:OPER:COND?") == str(1 << 9 | 1 << 12)


def test_an_alarm_waits_in_questionable_until_errors_are_read(bench):
    bench.remote()
    bench.say("VOLT:PROT 400;OUTP ON")
    bench.terminals.show(410.0, 1.0)
    assert int(bench.say("STAT:QUES:COND?")) & 1 == 1
    assert bench.say("OUTP?") == "OFF"
    bench.say("OUTP ON")
    assert bench.error() == -200
    assert int(bench.say("STAT:QUES:COND?")) & 1 == 1
    bench.terminals.show(0.0, 0.0)
    bench.say("SYST:ERR?")
    assert int(bench.say("STAT:QUES:COND?")) & 1 == 0
    assert bench.say("SYST:ALAR:COUN:OVOL?") == "1"
    bench.say("OUTP ON")
    assert bench.say("OUTP?") == "ON"


def test_a_sink_alarm_shows_in_the_secondary_register(bench):
    bench.remote()
    bench.say("SINK:CURR:PROT 20;OUTP ON;STAT:SEC:QUES:ENAB 1")
    bench.terminals.show(300.0, -25.0)
    assert bench.say("STAT:SEC:QUES:COND?") == "1"
    assert int(bench.say("*STB?")) & 1 == 1
    assert bench.say("SYST:SINK:ALAR:COUN:OCUR?;SYST:ALAR:COUN:OCUR?") == "1;0"


def test_the_status_byte_sums_up(bench):
    assert bench.say("*ESR?") == "128"
    assert bench.say("*STB?") == "0"
    bench.say("*ESE 32;*SRE 32")
    bench.say("FOO")
    assert bench.say("*STB?") == "100"
    assert bench.say("*ESR?") == "32"
    assert bench.say("*STB?") == "4"
    bench.error()
    assert bench.say("*STB?") == "0"


def test_cls_clears_errors_and_events_but_no_setting(bench):
    bench.remote()
    bench.say("VOLT 100;OUTP ON;FOO")
    bench.say("*CLS")
    assert bench.say("SYST:ERR?") == '0,"No error"'
    assert bench.say("STAT:QUES?;*ESR?;VOLT?;OUTP?") == "0;0;100.0V;ON"


def test_rst_takes_remote_and_switches_off(bench):
    bench.remote()
    bench.say("OUTP ON;SYST:LOCK OFF")
    bench.say("*RST")
    assert bench.say("SYST:LOCK:OWN?;OUTP?") == "REMOTE;OFF"


def modbus_status(bench):
    wire = Wire()
    bench.box.service()(wire).received(seal(bytes.fromhex("0003 01F9 0002")))
    return int.from_bytes(wire.sent[3:7], "big")


def test_the_interface_monitor_leaves_remote_and_switches_off(bench):
    bench.remote()
    bench.say("SYST:COMM:MON:TIM 5;SYST:COMM:MON:ACT ON;OUTP ON")
    for second in range(1, 12):
        bench.clock.sleep_until(second)
        bench.say("MEAS:VOLT?")
    assert bench.terminals.applied[-1].on
    bench.clock.sleep_until(15.9)
    assert bench.terminals.applied[-1].on
    bench.clock.sleep_until(16.0)
    assert not bench.terminals.applied[-1].on
    say = bench.connect()
    assert say("SYST:LOCK:OWN?;STAT:OPER:COND?") == "NONE;128"
    assert modbus_status(bench) & 0x9F == 0x1C
    say("SYST:LOCK ON")
    assert say("STAT:OPER:COND?") == "0"


def test_the_monitor_armed_on_a_second_connection_watches_the_whole_interface(bench):
    bench.remote()
    bench.connect()("SYST:COMM:MON:TIM 2;SYST:COMM:MON:ACT ON;OUTP ON")
    for tick in range(1, 10):
        bench.clock.sleep_until(tick)
        modbus_status(bench)
    assert bench.terminals.applied[-1].on
    bench.clock.sleep_until(20.0)
    assert not bench.terminals.applied[-1].on


def test_the_monitor_leaves_the_output_when_told_so(bench):
    bench.remote()
    bench.say("POW:STAG:AFT:REM AUTO;SYST:COMM:MON:ACT ON;OUTP ON")
    bench.clock.sleep_until(60.0)
    assert bench.box.supply.remote.holder is None
    assert bench.terminals.applied[-1].on


def test_traffic_on_another_interface_does_not_feed_the_monitor(bench):
    usb = bench.connect(Interface.USB)
    bench.remote()
    bench.say("SYST:COMM:MON:ACT ON;OUTP ON")
    for second in range(1, 7):
        bench.clock.sleep_until(second)
        usb("MEAS:VOLT?")
    assert not bench.terminals.applied[-1].on


def test_a_monitor_switched_off_does_nothing(bench):
    bench.remote()
    bench.say("SYST:COMM:MON:ACT ON;OUTP ON")
    bench.say("SYST:COMM:MON:ACT OFF")
    bench.clock.sleep_until(100.0)
    assert bench.terminals.applied[-1].on


def test_nominals_and_class_are_told(bench):
    assert bench.say("SYST:NOM:VOLT?;SYST:NOM:CURR?;SYST:NOM:POW?") == "500.0V;90.00A;15000W"
    assert bench.say("SYST:DEV:CLAS?") == "83"
    assert float(bench.say("SYST:NOM:RES:MAX?").removesuffix("OHM")) > 0


def test_crlf_and_empty_lines_are_accepted(bench):
    assert bench.say("\r") == ""
    assert bench.say("OUTP?\r") == "OFF"
    assert bench.error() == 0


@settings(deadline=None, max_examples=150)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=120))
def test_no_text_crashes_the_box(text):
    bench = Bench()
    bench.say("*" + text)
    assert bench.say("OUTP?") == "OFF"


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["VOLT", "CURR", "POW", "SINK:CURR", "SINK:POW", "VOLT:PROT"]),
    st.floats(0, 1),
)
def test_every_value_in_range_reads_back_within_half_a_digit(header, share):
    bench = Bench()
    bench.remote()
    nominal = {"V": (500, 0.051), "C": (90, 0.0051), "P": (15000, 0.51)}
    scale, digit = nominal[header.removeprefix("SINK:")[0]]
    bench.say(f"{header} {share * scale:.6f}")
    read = float(bench.say(f"{header}?").rstrip("VAW"))
    assert abs(read - share * scale) <= digit + scale / 52428
