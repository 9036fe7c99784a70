"""Registers and the serial poll (facts/instruments.md E1, E5)."""

from hypothesis import given
from hypothesis import strategies as st

from rig.virtual.scpi import RegisterGroup

WORD = st.integers(0, 0xFFFF)


@given(WORD, WORD, WORD, WORD)
def test_filters_let_through_only_their_edges(before, after, positive, negative):
    group = RegisterGroup(positive=positive, negative=negative)
    group.update(before)
    group.read_event()
    group.update(after)
    rising, falling = after & ~before, before & ~after
    assert group.read_event() == ((rising & positive) | (falling & negative)) & 0x7FFF
    assert group.read_event() == 0
    assert group.condition == after & 0x7FFF


def test_events_are_summed_up_in_the_status_byte_until_read(box, ask):
    ask(box, "STAT:QUES:ENAB 4;:STAT:OPER:ENAB 65535")
    box.questionable.update(4)
    assert ask(box, "*STB?") == "8"
    box.questionable.update(0)
    assert ask(box, "STAT:QUES:COND?;EVEN?;EVEN?") == "0;4;0"
    box.operation.update(1)
    assert ask(box, "*STB?;:STAT:OPER:ENAB?") == "128;32767"
    assert ask(box, "*CLS;*STB?") == "0"


def test_preset_enables_nothing_and_takes_rising_edges(box, ask):
    ask(box, "STAT:OPER:ENAB 7;PTR 0;NTR 7;:STAT:PRES")
    assert ask(box, "STAT:OPER:ENAB?;PTR?;NTR?") == "0;32767;0"


def test_a_serial_poll_shows_a_request_for_service_once(box, ask):
    ask(box, "*ESE 32;*SRE 32;FOO")
    assert box.status_byte() == 4 + 32 + 64
    assert box.status_byte() == 4 + 32
    assert ask(box, "*STB?") == "100"
    ask(box, "*ESR?;FOO")
    assert box.status_byte() & 64


def test_query_errors_come_from_the_wire(box, ask):
    box.interrupted()
    box.unterminated()
    assert ask(box, "SYST:ERR?;ERR?;*ESR?") == (
        '-410,"Query INTERRUPTED";-420,"Query UNTERMINATED";4'
    )


def test_device_clear_keeps_settings_and_errors(box, ask):
    ask(box, "CURR 5;FOO")
    box.clear()
    assert ask(box, "CURR?;:SYST:ERR?") == '5.000000000000E+00;-113,"Undefined header"'


def test_a_group_trigger_without_use_is_ignored_with_a_note(box, ask):
    box.trigger()
    assert ask(box, "SYST:ERR?") == '-211,"Trigger ignored"'
