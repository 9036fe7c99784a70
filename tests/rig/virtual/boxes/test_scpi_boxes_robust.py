"""Whatever is sent, in whatever state: a simulated box reports it and goes on."""

import re

import pytest
from every_box import EVERY, make
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.scpi import ScpiDevice

KINDS = [kind for kind in EVERY if issubclass(kind, ScpiDevice)]
PARAMETERS = st.sampled_from(
    ["", "0", "1", "2.5", "100", "-1", "1E9", "1000000", "ON", "OFF", "MAX", "MIN", "ALL", "NORM",
     "CHAN2", "EXT", "RES", "POW", "HOLD", "FALL", "RAW", "WORD", "ASC", "DC", "CENT", "LEFT",
     "C2", "EX", "SING", "FSR", "VAL,10", "VOLT", "CURR",
     "U,1", "LAMB,SIGMA", "UK,2,TOT", "WH,1", "'a'", "#11a", "0,0,1", "NAN", "1,CHAN3"]
)  # fmt: skip


def spellings(header):
    """Return one header as it can be sent."""
    header = re.sub(r"\[[^]]*\]", "", header).replace("::", ":")
    header = re.sub(r"\|\w+", "", header)
    return ":" + re.sub(r"<(\d+):\d+>", r"\1", header).lstrip(":")


@pytest.mark.parametrize("kind", KINDS)
def test_every_box_survives_any_sequence_of_its_own_commands(kind):
    headers = sorted({spellings(h) for h in make(kind, VirtualClock()).headers})

    @given(st.lists(st.tuples(st.sampled_from(headers), PARAMETERS, st.floats(0, 3)), max_size=12))
    @settings(max_examples=60, deadline=None)
    def play(steps):
        clock = VirtualClock()
        box = make(kind, clock)
        for header, parameter, wait_s in steps:
            response = box.execute(f"{header.replace(':*', '*')} {parameter}".encode())
            assert response.turnaround_s >= box.turnaround_s
            clock.sleep_until(clock.now() + wait_s)
        assert box.execute(b"*IDN?").data

    play()


@pytest.mark.parametrize("kind", KINDS)
def test_every_query_answers_with_one_message_and_no_error(kind):
    clock = VirtualClock()
    clock.sleep_until(1.0)
    box = make(kind, clock)
    for header in box.headers:
        spelled = spellings(header).replace(":*", "*")
        needs_parameter = "DATA" in header or header.endswith("STATus?")
        if header.endswith("?") and not needs_parameter:
            assert box.execute(spelled.encode()).data, header
            assert not box.errors, header


@pytest.mark.parametrize("kind", KINDS)
@given(noise=st.binary(max_size=60))
@settings(max_examples=50, deadline=None)
def test_every_box_survives_noise(kind, noise):
    box = make(kind, VirtualClock())
    box.execute(noise)
    assert box.execute(b"*IDN?").data
