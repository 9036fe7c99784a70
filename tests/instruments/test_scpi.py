import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import BenchError, Refused
from instruments.scpi import (
    Expected,
    Scpi,
    parse_boolean,
    parse_error,
    parse_identity,
    parse_number,
    show,
)


@pytest.mark.parametrize(
    ("reply", "unit", "value"),
    [
        ("43.50V", "V", 43.5),
        ("24.0 V", "V", 24.0),
        ("+1.2E-03", "", 0.0012),
        ("-.5", "", -0.5),
        ("5.", "A", 5.0),
    ],
)
def test_a_number_is_read_with_or_without_its_unit(reply, unit, value):
    assert parse_number(reply, unit) == value


@pytest.mark.parametrize("reply", ["", "NAN", "INF", "12.5A", "1 2", "0x10", "12,5"])
def test_what_is_no_number_in_the_asked_unit_is_rejected(reply):
    with pytest.raises(ValueError, match="not a number"):
        parse_number(reply, "V")


@given(st.floats(-(2.0**125), 2.0**125, width=32))
def test_a_shown_number_reads_back_to_seven_digits(value):
    assert math.isclose(parse_number(show(value)), value, rel_tol=1e-6, abs_tol=1e-44)


@pytest.mark.parametrize(
    ("reply", "truth"), [("ON", True), ("1", True), ("off", False), ("0", False)]
)
def test_booleans_come_in_words_or_digits(reply, truth):
    assert parse_boolean(reply) is truth


def test_an_unknown_truth_is_rejected():
    with pytest.raises(ValueError, match="neither on nor off"):
        parse_boolean("REMOTE")


@pytest.mark.parametrize(
    ("reply", "entry"),
    [
        ('-221,"Settings conflict"', (-221, "Settings conflict")),
        ('+0,"No error"', (0, "No error")),
        ("0,None", (0, "None")),
        ('113,"Undefined Header;:FOO"', (113, "Undefined Header;:FOO")),
    ],
)
def test_entries_of_error_queues_are_read_in_every_spelling(reply, entry):
    assert parse_error(reply) == entry


def test_an_identity_of_five_fields_keeps_the_fifth_with_the_firmware():
    reply = "EA Elektro-Automatik GmbH&Co.KG, PSB 10080-340, 2023120002, V3.06 24.05.2023, my text"
    identity = parse_identity(reply)
    assert identity.model == "PSB 10080-340"
    assert identity.firmware == "V3.06 24.05.2023, my text"


def test_an_identity_of_three_fields_is_rejected():
    with pytest.raises(ValueError, match="four fields"):
        parse_identity("Chroma,63804,0")


def test_a_setting_is_verified_in_the_same_lock_as_it_is_sent(scripted_scpi):
    link = scripted_scpi(("CURR 5;:PFAC 1", None), ("CURR?;:SYST:ERR?", '5.001;0,"No error"'))
    Scpi(link).apply("setting", ["CURR 5", "PFAC 1"], [Expected("CURR?", 5.0, 0.01)])
    link.finish()
    assert set(link.depth_of.values()) == {1}


def test_an_error_text_with_a_semicolon_is_not_taken_for_a_reply(scripted_scpi):
    link = scripted_scpi(
        ("FOO", None),
        ("CURR?;:SYST:ERR?", '5;-113,"Undefined header;FOO"'),
        ("SYST:ERR?", '0,"No error"'),
    )
    with pytest.raises(Refused, match="Undefined header;FOO") as caught:
        Scpi(link).apply("setting", ["FOO"], [Expected("CURR?", 5.0)])
    assert caught.value.code == -113


def test_the_queue_is_emptied_after_an_error_so_that_the_next_command_is_not_blamed(scripted_scpi):
    link = scripted_scpi(
        ("FOO", None),
        ("SYST:ERR?", '-113,"Undefined header"'),
        ("SYST:ERR?", '-222,"Data out of range"'),
        ("SYST:ERR?", '0,"No error"'),
    )
    with pytest.raises(Refused):
        Scpi(link).send("setting", "FOO")
    link.finish()


def test_a_queue_that_cannot_be_read_empty_is_no_other_error(scripted_scpi):
    link = scripted_scpi(
        ("FOO", None), ("SYST:ERR?", '-113,"Undefined header"'), ("SYST:ERR?", '0."No error"')
    )
    with pytest.raises(Refused, match="could not be emptied"):
        Scpi(link).send("setting", "FOO")


def test_a_setting_the_box_kept_at_another_value_is_a_bench_error(scripted_scpi):
    link = scripted_scpi(("CURR 5", None), ("CURR?;:SYST:ERR?", '4.5;0,"No error"'))
    with pytest.raises(BenchError, match=r"expected CURR\? to answer 5.0, got '4.5'"):
        Scpi(link).apply("setting", ["CURR 5"], [Expected("CURR?", 5.0, 0.01)])


@pytest.mark.parametrize("reply", ["1;2", "1;2;3;4", "1;x;3", ""])
def test_a_compound_reply_of_the_wrong_shape_is_a_bench_error(scripted_scpi, reply):
    with pytest.raises(BenchError, match="3 numbers"):
        Scpi(scripted_scpi(("A?;B?;C?", reply))).ask_numbers("measuring", "A?;B?;C?", 3)


def test_a_box_of_single_commands_gets_each_as_a_message_of_its_own(scripted_scpi):
    link = scripted_scpi(
        ("A 1", None), ("B 2", None), ("A?", "1"), ("B?", "2;x"), ("SYST:ERR?", "0,None")
    )
    box = Scpi(link, compound=False)
    box.apply("setting", ["A 1", "B 2"], [Expected("A?", 1.0), Expected("B?", "2;x")])
    link.finish()
    assert min(link.depth_of.values()) >= 1


def test_a_box_without_an_error_queue_is_checked_by_reading_back(scripted_scpi):
    link = scripted_scpi(("A 1", None), ("A?", "2"), ("B 1", None))
    box = Scpi(link, error_query=None)
    with pytest.raises(BenchError, match=r"A\? to answer 1.0, got '2'"):
        box.apply("setting", ["A 1"], [Expected("A?", 1.0)])
    box.send("setting", "B 1")
    link.finish()


def test_a_reading_back_may_carry_its_unit_and_no_other():
    assert Expected("VOLT?", 400.0, 0.1, "V").met_by("400.05 V")
    with pytest.raises(ValueError, match="not a number in V"):
        Expected("VOLT?", 400.0, 0.1, "V").met_by("400 A")


def test_settings_go_with_the_question_that_verifies_them(scripted_scpi):
    class Counting(scripted_scpi):
        sends = 0

        def query(self, command, *, after=()):
            Counting.sends += 1
            return super().query(command, after=after)

    link = Counting(("A 1;:B 2", None), ("A?;:B?;:SYST:ERR?", '1;2;0,"No error"'))
    Scpi(link).apply("setting", ["A 1", "B 2"], [Expected("A?", 1.0), Expected("B?", 2.0)])
    link.finish()
    assert Counting.sends == 1
