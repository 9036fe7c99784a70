import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.capabilities import DcReading, WatchdogState
from instruments.errors import BenchError, CannotDo, Refused, UsageError
from instruments.keysight_rp7900 import KeysightRp7900
from instruments.ratings import SupplyRating
from instruments.rp7900_status import Rp7900Status

NO_ERROR = '+0,"No error"'
PRIORITY = (("*CLS", None), ("FUNC?", "VOLT"))
IDENTITY = ("*IDN?", "Keysight Technologies,RP7952A,MY12345678,B.03.01.1234")
STATUS = "STAT:OPER:COND?;:STAT:QUES1:COND?;:STAT:QUES2:COND?"


def setting(command, query, reply, error=NO_ERROR):
    return (command, None), (f"{query};:SYST:ERR?", f"{reply};{error}")


def switching(digit, reply=None):
    answer = digit if reply is None else reply
    return (
        (f"OUTP {digit}", None),
        ("*OPC?", "1"),
        ("OUTP?;:SYST:ERR?", f"{answer};{NO_ERROR}"),
    )


@pytest.fixture
def make(scripted_scpi, clock):
    def make_supply(*steps):
        link = scripted_scpi(*steps)
        return KeysightRp7900(link, clock, SupplyRating(500.0, 40.0, 10_000.0)), link

    return make_supply


def test_the_first_setting_selects_voltage_priority_with_the_output_off(make):
    supply, link = make(
        ("*CLS", None),
        ("FUNC?", "CURR"),
        ("OUTP?", "0"),
        ("FUNC VOLT", None),
        ("SYST:ERR?", NO_ERROR),
        ("FUNC?", "VOLT"),
        *setting("VOLT 400", "VOLT?", "+4.00000E+02"),
    )
    supply.source.set_voltage(400.0)
    link.then(*setting("VOLT 350", "VOLT?", "3.5E+02"))
    supply.source.set_voltage(350.0)
    link.finish()


def test_the_priority_is_never_changed_with_the_output_on(make):
    supply, link = make(("*CLS", None), ("FUNC?", "CURR"), ("OUTP?", "1"))
    with pytest.raises(BenchError, match="the output off before"):
        supply.source.set_voltage(400.0)
    link.finish()


@pytest.mark.parametrize(
    ("call", "steps"),
    [
        (
            lambda s: s.source.set_current_limit(30.0),
            setting("CURR:LIM 30", "CURR:LIM?", "3.0E+01"),
        ),
        (
            lambda s: s.sink.set_current_limit(30.0),
            setting("CURR:LIM:NEG -30", "CURR:LIM:NEG?", "-3.0E+01"),
        ),
        (
            lambda s: s.sink.set_current_limit(0.0),
            setting("CURR:LIM:NEG 0", "CURR:LIM:NEG?", "0"),
        ),
        (lambda s: s.set_ovp(550.0), setting("VOLT:PROT 550", "VOLT:PROT?", "550")),
        (
            lambda s: s.set_ocp(enabled=True),
            setting("CURR:PROT:STAT 1", "CURR:PROT:STAT?", "1"),
        ),
    ],
)
def test_every_setting_has_its_command_and_the_sink_is_negative(make, call, steps):
    supply, link = make(*PRIORITY, *steps)
    call(supply)
    link.finish()


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda s: s.source.set_power_limit(1.0), CannotDo, "limited in current, not in power"),
        (lambda s: s.sink.set_power_limit(1.0), CannotDo, "limited in current, not in power"),
        (lambda s: s.source.set_voltage(501.0), UsageError, "voltage_v must be 0 to 500 V"),
        (lambda s: s.sink.set_current_limit(-1.0), UsageError, "current_a must be 0 to 40 A"),
        (lambda s: s.arm_watchdog(0.5), UsageError, "timeout_s must be 1 to 3600 s"),
        (lambda s: s.arm_watchdog(1.5), CannotDo, "whole seconds, no 1.5 s"),
    ],
)
def test_what_it_cannot_do_is_refused_before_a_byte_is_sent(make, call, kind, words):
    supply, link = make()
    with pytest.raises(kind, match=words):
        call(supply)
    assert link.depth_of == {}


def test_the_output_is_on_when_it_says_so_and_nothing_protects(make):
    supply, link = make(*PRIORITY, *switching("1"), IDENTITY, (STATUS, "+1;+128;+0"))
    supply.source.output_on()
    link.then(*switching("0"))
    supply.source.output_off()
    link.finish()


def test_an_output_programmed_on_but_held_off_by_a_protection_is_a_bench_error(make):
    supply, _ = make(*PRIORITY, *switching("1"), IDENTITY, (STATUS, "4;2049;0"), ("OUTP 0", None))
    with pytest.raises(BenchError, match=r"expected no protection, got OV, PROT"):
        supply.source.output_on()


def test_a_refused_switching_is_refused(make):
    supply, _ = make(
        *PRIORITY,
        ("OUTP 1", None),
        ("*OPC?", "1"),
        ("OUTP?;:SYST:ERR?", '0;-221,"Settings conflict"'),
        ("SYST:ERR?", NO_ERROR),
    )
    with pytest.raises(Refused, match="Settings conflict"):
        supply.source.output_on()


def test_volts_and_amps_are_of_one_acquisition_each_view_with_its_sign(make):
    step = ("MEAS:VOLT?;:FETC:CURR?", "+4.000E+02;-1.250E+01")
    supply, _ = make(step, step)
    assert supply.source.measure() == DcReading(400.0, -12.5, -5000.0)
    assert supply.sink.measure() == DcReading(400.0, 12.5, 5000.0)


def test_clearing_protections_never_switches_the_output_on_again(make):
    supply, link = make(*switching("0"), ("OUTP:PROT:CLE", None), ("SYST:ERR?", NO_ERROR))
    supply.acknowledge_alarms()
    link.finish()


def test_working_at_a_limit_is_no_alarm(make):
    supply, _ = make(IDENTITY, (STATUS, "2;1408;6"), (STATUS, "2;1408;64"))
    assert supply.read_alarms() == set()
    assert supply.read_alarms() == {"UV"}


def test_the_second_register_of_an_rp797x_has_its_own_names(make):
    supply, _ = make(("*IDN?", "Keysight Technologies,RP7972A,MY1,C.01"), (STATUS, "0;0;1168"))
    assert supply.read_alarms() == {"PSP", "OCF"}


@given(st.integers(0, 0x7FFF), st.integers(0, 0x7FFF), st.integers(0, 0x7FFF), st.booleans())
def test_every_status_can_be_read(operation, first, second, rp797x):
    status = Rp7900Status(operation, first, second, rp797x)
    assert status.alarms <= status.names
    assert ("PROT" in status.alarms) == bool(first >> 11 & 1)
    assert not status.alarms & {"CV", "CC", "OFF", "LIM+", "LIM-"}


def test_the_watchdog_is_armed_with_its_delay_first(make):
    supply, link = make(
        ("OUTP:PROT:WDOG:DEL 5;:OUTP:PROT:WDOG 1", None),
        ("OUTP:PROT:WDOG:DEL?;:OUTP:PROT:WDOG?;:SYST:ERR?", f"5;1;{NO_ERROR}"),
    )
    supply.arm_watchdog(5.0)
    link.then(*setting("OUTP:PROT:WDOG 0", "OUTP:PROT:WDOG?", "0"))
    supply.disarm_watchdog()
    link.finish()


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("1;5;0", WatchdogState(5.0, expired=False)),
        ("1;5;2048", WatchdogState(5.0, expired=True)),
        ("0;60;0", WatchdogState(None, expired=False)),
    ],
)
def test_the_watchdog_is_read(make, reply, state):
    supply, _ = make(
        ("OUTP:PROT:WDOG?;:OUTP:PROT:WDOG:DEL?;:STAT:QUES1:COND?", reply),
    )
    assert supply.read_watchdog() == state


def test_safe_means_off_and_proven_off_whatever_the_error_queue_says(make):
    off = (("OUTP 0", None), ("*OPC?", "1"))
    supply, link = make(*off, ("OUTP?", "0"))
    supply.make_safe()
    link.then(*off, ("OUTP?", "1"))
    with pytest.raises(BenchError, match="switching the output off"):
        supply.make_safe()
    supply.close()
    assert link.closed
