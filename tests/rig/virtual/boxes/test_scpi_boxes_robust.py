"""Whatever is sent, in whatever state: a simulated box reports it and goes on."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.boxes.chroma_63800 import Chroma63800
from rig.virtual.boxes.itech_it6000c import ItechIt6000c
from rig.virtual.boxes.itech_it8600 import ItechIt8600
from rig.virtual.boxes.keysight_infiniivision import KeysightInfiniiVision
from rig.virtual.boxes.keysight_rp7900 import KeysightRp7900
from rig.virtual.boxes.siglent_sds import SiglentSds
from rig.virtual.boxes.yokogawa_wt500 import YokogawaWt500
from rig.virtual.ports import AcQuantities, SupplyReading

DEAD = AcQuantities(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
LIVE = AcQuantities(230.0, 5.0, 1150.0, 10.0, 50.0, 325.0, 7.0, 1.0)


class AnyPort:
    """All ports in one: dead or live by the clock's seconds."""

    def __init__(self, clock):
        self.clock = clock

    def apply(self, setting):
        assert setting.level >= 0.0

    def read(self):
        return LIVE if int(self.clock.now()) % 2 else DEAD

    def average(self, start_s, end_s):
        assert start_s < end_s <= self.clock.now() + 1e-9
        return self.read()

    def samples(self, channel, t_s):
        assert t_s[-1] <= self.clock.now() + 1e-9
        return np.zeros(len(t_s))

    def crossing(self, channel, level, slope, start_s, end_s):
        assert start_s <= end_s <= self.clock.now()
        return end_s

    def external_trigger(self, start_s, end_s):
        return self.crossing(0, 0.0, "rising", start_s, end_s)

    def keep_from(self, start_s):
        assert start_s is None or start_s <= self.clock.now()


class SupplyPort:
    """The terminals of a supply: a battery, away or there by the clock's seconds."""

    def __init__(self, clock):
        self.clock, self.on = clock, False

    def apply(self, setting):
        amounts = (setting.voltage_v, setting.source_current_a, setting.sink_current_a)
        assert min(*amounts, setting.source_power_w, setting.sink_power_w) >= 0.0
        self.on = setting.on

    def read(self):
        there = int(self.clock.now()) % 2
        volts, amps = (400.0, -5.0 if self.on else 0.0) if there else (0.0, 0.0)
        return SupplyReading(volts, amps, volts * amps, "CC" if there else "CV")


def make(kind, clock):
    if kind in (ItechIt6000c, KeysightRp7900):
        return kind(clock, SupplyPort(clock), np.random.default_rng(1))
    port, rng = AnyPort(clock), np.random.default_rng(1)
    if kind is YokogawaWt500:
        return YokogawaWt500(clock, [port, port], rng)
    return kind(clock, port, rng)


KINDS = [
    Chroma63800, ItechIt8600, YokogawaWt500, KeysightInfiniiVision, ItechIt6000c, KeysightRp7900,
    SiglentSds,
]  # fmt: skip
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
