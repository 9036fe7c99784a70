"""Literal transcripts: what libscpi and the standard say (facts/instruments.md E2, E3, E5)."""

import pytest

NO_ERROR = '0,"No error"'
UNDEFINED = '-113,"Undefined header"'


def play(box, ask, transcript):
    for message, reply in transcript:
        assert ask(box, message) == reply, message


def test_queries_of_one_message_share_one_response(box, ask):
    play(box, ask, [("*IDN?;*OPC?;*IDN?", "Maker,Model,0,1.0;1;Maker,Model,0,1.0")])


def test_a_service_request_is_summed_up_and_cleared_step_by_step(box, ask):
    play(
        box,
        ask,
        [
            ("*ESE 32;*SRE 32", ""),
            ("FOO:BAR", ""),
            ("*STB?", "100"),
            ("*STB?", "100"),
            ("*ESR?", "32"),
            ("*STB?", "4"),
            ("SYST:ERR?", UNDEFINED),
            ("*STB?", "0"),
        ],
    )


def test_the_service_mask_never_holds_its_own_bit(box, ask):
    play(box, ask, [("*SRE 239", ""), ("*SRE?", "175"), ("*SRE 256;*SRE?", "175")])
    play(box, ask, [("SYST:ERR?", '-222,"Data out of range"')])


@pytest.mark.parametrize("header", ["SYSTE:ERR?", "SYST:ERRO?", "SYSTEMS:ERR?", "SYS:ERR?"])
def test_only_the_short_and_the_full_spelling_exist(box, ask, header):
    play(box, ask, [(header, ""), ("SYST:ERR?", UNDEFINED), ("SYSTEM:ERROR:NEXT?", NO_ERROR)])


def test_later_units_run_after_a_bad_one_which_leaves_the_path_at_the_root(box, ask):
    play(box, ask, [("*IDN?;FOO:BAR;*OPC?", "Maker,Model,0,1.0;1"), ("SYST:ERR?", UNDEFINED)])
    play(
        box,
        ask,
        [("MEAS:VOLT:DC?;FOO;AC?", "12.0"), ("MEAS:VOLT:DC?;FOO;CURR?", "12.0;1.000000000000E+00")],
    )


def test_a_command_error_may_throw_the_rest_of_the_message_away(new_box, ask):
    box = new_box(discard_after_command_error=True)
    play(box, ask, [("*IDN?;FOO:BAR;*OPC?", "Maker,Model,0,1.0"), ("CURR 99;*OPC?", "1")])


def test_relative_headers_start_at_the_parent_of_the_last_one(box, ask):
    play(
        box,
        ask,
        [
            ("MEAS:VOLT:DC?;AC?", "12.0;230.0"),
            ("MEAS:VOLT:DC?;:MEAS:VOLT:AC?", "12.0;230.0"),
            ("MEAS:VOLT:DC?;MEAS:VOLT:AC?", "12.0"),
            ("SYST:ERR?", UNDEFINED),
        ],
    )


def test_common_commands_do_not_change_the_path(box, ask):
    play(box, ask, [("MEAS:VOLT:DC?;*ESR?;AC?", "12.0;0;230.0"), ("SYST:ERR?", NO_ERROR)])


def test_a_relative_header_keeps_the_number_on_its_path(box, ask):
    play(box, ask, [("CHAN3:SCAL?;SCAL?;:CHAN:SCAL?", "3;3;1")])


def test_path_memory_can_be_switched_off(new_box, ask):
    box = new_box(path_memory=False)
    play(box, ask, [("MEAS:VOLT:DC?;AC?", "12.0"), ("MEAS:VOLT:DC?;MEAS:VOLT:AC?", "12.0;230.0")])


@pytest.mark.parametrize("header", ["CHAN0:SCAL?", "CHAN5:SCAL?", "CHAN999999999:SCAL?"])
def test_a_numeric_suffix_out_of_range_is_an_error_of_its_own(box, ask, header):
    play(box, ask, [(header, ""), ("SYST:ERR?", '-114,"Header suffix out of range"')])


@pytest.mark.parametrize("message", ["", " ", ";", " ; ;; ", "\t"])
def test_nothing_is_no_error(box, ask, message):
    play(box, ask, [(message, ""), ("SYST:ERR?", NO_ERROR)])


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("CURR", -109),
        ("CURR 1,2", -108),
        ("CURR 1,", -109),
        ("CURR ,", -109),
        ("CURR 1.2.3", -121),
        ("CURR 1 V", -131),
        ("CURR 1 ABCDEFGHIJKLM", -134),
        ("CURR 1E99999", -123),
        ("CURR " + "1" * 256, -124),
        ("CURR 46", -222),
        ("CURR INF", -222),
        ("CURR UP", -224),
        ("CURR FOO", -148),
        ("CURR 'a'", -158),
        ("CURR #11a", -168),
        ("CURR (@1)", -178),
        ("CURR? 5", -108),
        ("OUTP ON A", -141),
        ("OUTP MAYBE", -224),
        ("OUTP 1 A", -138),
        ("SOUR:FUNC:SHAP TRI", -224),
        ("SOUR:FUNC:SHAP 3", -128),
        ("SOUR:FUNC:SHAP SINUSOIDSOIDSOID", -144),
        ("DISP:TEXT abc", -148),
        ("DISP:TEXT 'abc", -151),
        ("DATA #15abc", -161),
        ("DATA #Z", -161),
        ("DATA 3", -128),
        ("MEAS:VOLT:DC", -113),
        ("CURR,5", -103),
        ("?", -102),
        ("\x80", -101),
        ("ABCDEFGHIJKLMNOPQRSTUV 1", -112),
        ("*FOO?", -113),
    ],
)
def test_each_mistake_has_its_number(box, message, code):
    box.execute(message.encode("latin-1"))
    assert box.errors.pop() == (code, "")
    assert len(box.errors) == 0


def test_a_refused_value_leaves_the_old_one(box, ask):
    play(box, ask, [("CURR 3;CURR 46;CURR?", "3.000000000000E+00")])


def test_limits_can_be_asked_and_set_by_name(box, ask):
    play(
        box,
        ask,
        [
            (
                "CURR? MAX;CURR? MIN;CURR? DEF",
                "4.500000000000E+01;-1.000000000000E+01;5.000000000000E-01",
            ),
            ("CURR MAXIMUM;CURR?", "4.500000000000E+01"),
        ],
    )


def test_strings_and_blocks_may_hold_separators(box, ask):
    play(box, ask, [("DISP:TEXT 'a;b,\"c\"''d';TEXT?", '"a;b,""c""\'d"')])
    box.execute(b"DATA #15a;b,\n;:OUTP ON")
    assert box.kept == b"a;b,\n"
    assert box.panel.on


def test_reset_leaves_queue_and_masks_alone_and_clear_does_the_opposite(box, ask):
    play(
        box,
        ask,
        [
            ("*ESE 36;FOO", ""),
            ("*RST;*ESE?", "36"),
            ("*STB?", "36"),
            ("*CLS;*ESE?", "36"),
            ("*STB?", "0"),
            ("SYST:ERR?", NO_ERROR),
            ("*ESR?", "0"),
        ],
    )


def test_the_status_byte_shows_that_an_answer_is_under_way(box, ask):
    play(box, ask, [("*OPC?;*STB?", "1;16"), ("*STB?", "0")])


def test_a_message_costs_the_turnaround_and_what_its_commands_add(box):
    assert box.execute(b"*OPC?").turnaround_s == pytest.approx(0.01)
    assert box.execute(b"SLOW").turnaround_s == pytest.approx(1.51)
    assert box.execute(b"*OPC?").turnaround_s == pytest.approx(0.01)
