"""Delta SM15K: literal transcripts of its socket (A4, manual of firmware P0150)."""

import pytest


def test_it_says_who_it_is_in_five_fields(delta):
    assert delta.say("*IDN?") == "DELTA ELEKTRONIKA BV,SM500-CP-90,000010207248,H0_P0150,0"


@pytest.mark.parametrize(
    "header",
    ["sour:vol", "sour:volt", "source:volt", "SOURCE:VOLTAGE", "SoUrCe:VoLtAgE", "Sour:Voltage"],
)
def test_the_manuals_short_form_four_letters_and_the_long_form_are_accepted(delta, header):
    assert delta.say(f"{header} 14") == ""
    assert delta.say(f"{header}?") == "14.0000"
    assert delta.say("SYST:ERR?") == "0,None"


@pytest.mark.parametrize("header", ["SOU:VOL", "SOUR:VOLTA", ":SOUR:VOL", "SOUR::VOL", "VOL"])
def test_other_spellings_are_refused(delta, header):
    delta.say(f"{header} 14")
    assert delta.say("SYST:ERR?") in ("-113,Undefined header", "-102,Syntax error")
    assert delta.say("SOUR:VOL?") == "0.0000"


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
def test_a_mistake_gives_its_error(delta, message, error):
    assert delta.say(message) == ""
    assert delta.say("SYST:ERR?").startswith(f"{error},")


@pytest.mark.parametrize("message", ["*ESR?", "*STB?", "*OPC?", "*OPT?", "SYST:VERS?"])
def test_what_the_manual_does_not_have_is_unknown(delta, message):
    assert delta.say(message) == ""
    assert delta.say("SYST:ERR?") == "-113,Undefined header"


def test_the_queue_keeps_ten_errors_and_drops_the_rest(delta):
    for _ in range(12):
        delta.say("FOO")
    delta.say("SOUR:VOL 900")
    assert [delta.say("SYST:ERR?") for _ in range(11)] == ["-113,Undefined header"] * 10 + [
        "0,None"
    ]
    assert delta.say("SYST:WAR?") == "0,None"


def test_cls_empties_the_queue_and_rst_takes_the_values_back(delta):
    delta.ready()
    delta.say("FOO")
    delta.say("SYST:RSD 1")
    delta.say("SYST:FRO ON")
    delta.say("*CLS")
    assert (delta.say("SYST:ERR?"), delta.say("SOUR:VOL?")) == ("0,None", "360.0000")
    delta.say("*RST")
    assert (delta.say("SOUR:VOL?"), delta.say("SYST:RSD?"), delta.say("SYST:FRO?")) == (
        "0.0000", "0", "0")  # fmt: skip
    assert delta.say("SYST:REM:CV?") == "Ethernet"


def test_a_message_beyond_the_buffer_is_reported_and_the_next_one_read(delta):
    delta.session.received(b"X" * 100_000)
    assert delta.say("") == ""
    assert delta.say("SYST:ERR?") == "-363,Input buffer overrun"


def test_the_terminator_can_be_changed_and_any_split_is_read(delta):
    assert delta.raw(b"\n\r\n*ID") == b""
    assert delta.raw(b"N?\r\n") == b"DELTA ELEKTRONIKA BV,SM500-CP-90,000010207248,H0_P0150,0\n"
    delta.say("SYST:COM:TER CR")
    assert delta.raw(b"SYST:COM:TER?\r") == b"CR\r"
    assert delta.raw(b"SYST:COM:TER CRLF\rOUTP?\r\n") == b"0\r\n"


def test_each_message_costs_its_turnaround(delta):
    delta.say("*IDN?")
    delta.say("SOUR:VOL 1")
    assert delta.line.charged_s == pytest.approx(2 * delta.box.turnaround_s)


def test_user_data_is_kept(delta):
    delta.say("*PUD BENCH 1, HOME")
    delta.say("*SAV")
    assert delta.say("*PUD?") == "BENCH 1, HOME"
    delta.say("*PUD " + "x" * 73)
    assert delta.say("SYST:ERR?").startswith("-223")


def test_the_catalog_is_a_reply_of_several_lines(delta):
    assert delta.raw(b"PROG:CAT?\n") == b"\n"
    for name in ("wave1", "PROCESS4", "RAMPUP"):
        delta.say(f"PROG:SEL:NAM {name}")
    assert delta.raw(b"PROG:CAT?\n") == b"WAVE1\nPROCESS4\nRAMPUP\n\n"
    delta.say("PROG:SEL:STE 21 CJNE #A,3,15")
    assert delta.say("PROG:SEL:STE 21?") == "21 CJNE #A,3,15"
    assert delta.raw(b"PROG:SEL:STE 22?\n") == b"\n"
    delta.say("PROG:SEL:STA RUN")
    assert delta.say("SYST:ERR?") == "-221,Settings conflict"
    assert delta.say("PROG:SEL:STA?") == "STOP"


def test_slot_cards_take_outputs_inputs_and_relays(delta):
    delta.say("SYST:INT:DIO:OUT 1,65")
    delta.box.slots.digital(1).inputs = 3
    assert (delta.say("SYST:INT:DIO:OUT 1?"), delta.say("SYST:INT:DIO:INP 1?")) == ("65", "3")
    delta.say("SYST:INT:ICO:REL 2,4,1")
    assert delta.say("SYST:INTERFACE:ICONTACTS:RELAY 2,4?") == "1"
    assert delta.say("SYST:INT:ICO:REL 2?") == "0,0,0,1"
    for message in ("SYST:INT:DIO:OUT 2,1", "SYST:INT:DIO:OUT 1,256", "SYST:INT:ICO:REL 2,5,1"):
        delta.say(message)
    assert [delta.say("SYST:ERR?")[:4] for _ in range(3)] == ["-241", "-222", "-222"]


def test_the_front_panel_can_be_locked(delta):
    delta.say("SYST:FRO 1")
    delta.say("SYST:FRO:CON 1")
    assert (delta.say("SYST:FRONTPANEL:STATUS?"), delta.say("SYST:FRO:CON?")) == ("1", "1")
    assert delta.say("STAT:REG:A?") == "16384"
