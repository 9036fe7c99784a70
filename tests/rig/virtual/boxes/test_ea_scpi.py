"""EA PSB 10000 over SCPI: the language, its units and its errors."""

import re

import pytest

from rig.virtual.boxes.ea_psb10000 import Interface


def test_the_identification_has_four_fields_and_the_user_text_as_a_fifth(ea):
    assert ea.say("*IDN?") == (
        "EA Elektro-Automatik GmbH&Co.KG, PSB 10500-90, 2023120002, "
        "V3.10 24.05.2023 V3.03 05.10.2022 V1.0.0"
    )
    ea.lock()
    ea.say('SYST:CONF:USER:TEXT "pack; ea 1"')
    assert ea.say("*IDN?").endswith("V1.0.0, pack; ea 1")
    assert ea.say("SYST:CONF:USER:TEXT?") == '"pack; ea 1"'


def test_nominals_and_class_are_told(ea):
    assert ea.say("SYST:NOM:VOLT?;SYST:NOM:CURR?;SYST:NOM:POW?") == "500.0V;90.00A;15000W"
    assert ea.say("SYST:DEV:CLAS?") == "83"
    assert float(ea.say("SYST:NOM:RES:MAX?").removesuffix("OHM")) > 0


def test_the_lock_has_an_owner(ea):
    assert ea.say("SYST:LOCK:OWN?") == "NONE"
    ea.lock()
    assert ea.say("SYST:LOCK:OWN?") == "REMOTE"
    ea.box.press_local(True)
    assert ea.say("SYST:LOCK:OWN?") == "LOCAL"
    ea.lock()
    assert ea.error() == -201


def test_without_remote_a_setting_conflicts(ea):
    ea.say("VOLT 10")
    assert ea.say("SYST:ERR?") == '-221,"Settings conflict"'
    assert ea.say("SYST:ERR?") == '0,"No error"'


def test_another_interface_conflicts_while_one_has_remote(ea):
    ea.lock()
    usb = ea.connect(Interface.USB)
    usb.lock()
    usb.say("VOLT 10")
    assert usb.say("SYST:ERR:ALL?") == '-221,"Settings conflict", -221,"Settings conflict"'
    assert usb.say("VOLT?") == "0.0V"


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
def test_what_is_set_reads_back_with_its_unit(ea, command, query, reply):
    ea.lock()
    assert ea.say(command) == ""
    assert ea.say(query) == reply
    assert ea.error() == 0


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
def test_a_mistake_gives_its_error(ea, message, code):
    ea.lock()
    ea.say(message)
    assert ea.error() == code


def test_a_value_beyond_the_adjustable_limit_is_refused_and_the_old_one_kept(ea):
    ea.lock()
    ea.say("VOLT:LIM:HIGH 400")
    ea.say("VOLT 390")
    ea.say("VOLT 401")
    assert ea.error() == -222
    assert ea.say("VOLT?") == "390.0V"
    ea.say("VOLT MAX")
    assert ea.say("VOLT?") == "400.0V"


def test_measurements_carry_units_and_the_sign_of_the_sink(ea):
    ea.lock()
    ea.say("OUTP ON")
    ea.terminals.show(368.2, -12.0, "CC")
    volts, amps, watts = ea.say("MEAS:ARR?").split(", ")
    assert re.fullmatch(r"36[78]\.\dV", volts)
    assert re.fullmatch(r"-1[12]\.\d\dA", amps)
    assert re.fullmatch(r"-44\d\dW", watts)
    assert ea.say("MEAS:VOLT?;MEAS:CURR?;MEAS:POW?") == f"{volts};{amps};{watts}"


def test_five_units_pass_and_six_are_too_much(ea):
    assert ea.say(";".join(["VOLT?"] * 5)).count(";") == 4
    assert ea.say(";".join(["VOLT?"] * 6)) == ""
    assert ea.error() == -223


def test_there_is_no_path_memory(ea):
    assert ea.say("VOLT:PROT?;CURR:PROT?") == "550.0V;99.00A"
    assert ea.say("VOLT:PROT?;:VOLT:LIM:HIGH?") == "550.0V;510.0V"
    assert ea.say("VOLT:PROT?;:LIM:HIGH?") == "550.0V"
    assert ea.error() == -100


def test_units_around_a_bad_one_are_carried_out(ea):
    assert ea.say("OUTP?;FOO;VOLT?") == "OFF;0.0V"
    assert ea.error() == -100


def test_a_reply_beyond_the_buffer_is_not_sent(ea):
    assert ea.say("*IDN?;*IDN?;*IDN?") == ""
    assert ea.error() == -225


def test_a_message_beyond_the_buffer_does_nothing(ea):
    ea.lock()
    ea.say("VOLT 10;" + " " * 250 + "CURR 5")
    assert ea.error() == -223
    assert ea.say("VOLT?") == "0.0V"


def test_crlf_and_empty_lines_are_accepted(ea):
    assert ea.say("\r") == ""
    assert ea.say("OUTP?\r") == "OFF"
    assert ea.error() == 0


def test_the_queue_keeps_the_first_five_errors(ea):
    for message in ("FOO", "VOLT", "VOLT 1", "BAR", "OUTP? 1", "BAZ"):
        ea.say(message)
    errors = ea.say("SYST:ERR:ALL?")
    assert re.findall(r"-\d+", errors) == ["-100", "-220", "-221", "-100", "-108"]
    assert ea.say("SYST:ERR:ALL?") == '0,"No error"'
