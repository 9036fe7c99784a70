"""One walk over every simulated box: who it is, how it errs, what it forgets, what it survives.

The walk finds the boxes in the package, so that a new one without an entry here fails.
"""

import importlib
import inspect
import pkgutil
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import rig.virtual.boxes as package
from rig.clock import VirtualClock
from rig.virtual.boxes.chroma_63800 import Chroma63800
from rig.virtual.boxes.delta_sm15k import DeltaSm15k
from rig.virtual.boxes.ea_modbus import EaUnit
from rig.virtual.boxes.ea_psb10000 import EaPsb10000
from rig.virtual.boxes.itech_it6000c import ItechIt6000c
from rig.virtual.boxes.itech_it8600 import ItechIt8600
from rig.virtual.boxes.keysight_infiniivision import KeysightInfiniiVision
from rig.virtual.boxes.keysight_rp7900 import KeysightRp7900
from rig.virtual.boxes.point_on_wave import PointOnWaveTrigger
from rig.virtual.boxes.service_port import ConsoleService, ServicePortUnit
from rig.virtual.boxes.siglent_sds import SiglentSds
from rig.virtual.boxes.slcan_adapter import SlcanAdapter
from rig.virtual.boxes.slcan_bus import CanBus
from rig.virtual.boxes.waveshare_relay import WaveshareRelay
from rig.virtual.boxes.yokogawa_wt500 import YokogawaWt500
from rig.virtual.modbus import RtuLine, Unit, seal
from rig.virtual.ports import AcQuantities, SupplyReading
from rig.virtual.scpi import ScpiDevice
from rig.virtual.wires import stream_service


class Circuit:
    """Every port of the circuit in one, dead or live."""

    def apply(self, setting):
        self.supply = hasattr(setting, "source_current_a")

    def read(self):
        if getattr(self, "supply", False):
            return SupplyReading(360.0, 1.0, 360.0, "CV")
        return self.average(0.0, 1.0)

    def average(self, start_s, end_s):
        return AcQuantities(230.0, 5.0, 1150.0, 10.0, 50.0, 325.0, 7.0, 1.0)

    def samples(self, channel, t_s):
        return np.zeros(len(t_s))

    def crossing(self, channel, level, slope, start_s, end_s):
        return None

    def external_trigger(self, start_s, end_s):
        return None

    def keep_from(self, start_s):
        pass

    def drive(self, relay, closed):
        pass

    def next_zero_crossing(self):
        return None

    def phase_deg(self, t_s):
        return 0.0

    def switch(self, branches, closed, at_s):
        pass

    def trigger(self, at_s):
        pass

    def read_input(self, address, count):
        return [7] * count

    read_holding = read_input

    def write_holding(self, address, values):
        pass

    def on_console_line(self, listener):
        pass


class Wire:
    """The far end of one connection."""

    def __init__(self, service):
        self.sent, self.closed = b"", False
        self.session = service(self)

    def send(self, data):
        self.sent += bytes(data)

    def charge(self, turnaround_s):
        assert turnaround_s >= 0.0

    def close(self):
        self.closed = True

    reset = end_output = close

    def raw(self, data):
        self.sent = b""
        self.session.received(data)
        return self.sent

    def say(self, text):
        return self.raw(text.encode("latin-1") + b"\n").decode("latin-1").removesuffix("\n")


@dataclass(frozen=True)
class Text:
    """What a box that takes text is expected to say."""

    identity: str
    unknown: str
    nothing: str
    depth: int
    overflow: str | None
    """What the last place of a full queue says; None = later errors are dropped."""
    error: str = "SYST:ERR?"
    setting: tuple[str, str, str, str] = ("VOLT 12", "VOLT?", "", "")
    """A command, its query, the reply after it and the reply after *RST."""
    prepare: tuple[str, ...] = ()


STANDARD = ('-113,"Undefined header"', '0,"No error"')
TEXTS = {
    Chroma63800: Text("Chroma,63804", *STANDARD, 16, '-350,"Queue overflow"',
                      setting=("CURR 12", "CURR?", "12.000", "0.000")),
    ItechIt8600: Text("ITECH Ltd.,IT8616", *STANDARD, 16, '-350,"Queue overflow"',
                      setting=("CURR 12", "CURR?", "1.200000E+01", "0.000000E+00")),
    ItechIt6000c: Text("ITECH Electronics,IT6054C", *STANDARD, 16, '-350,"Queue overflow"',
                       setting=("VOLT 12", "VOLT?", "12", "0")),
    KeysightRp7900: Text("Keysight Technologies,RP7952A", STANDARD[0], '+0,"No error"', 20,
                         '-350,"Queue overflow"',
                         setting=("VOLT 12", "VOLT?", "+1.200000E+01", "+0.000000E+00")),
    KeysightInfiniiVision: Text("KEYSIGHT TECHNOLOGIES,DSO-X", STANDARD[0], '+0,"No error"', 30,
                                '-350,"Queue overflow"',
                                setting=("TIM:POS 1", "TIM:POS?", "+1.00000000E+00",
                                         "+0.00000000E+00")),
    YokogawaWt500: Text("YOKOGAWA,760203,0", '113,"Undefined Header"', '0,"No error"', 16,
                        '350,"Queue overflow"', error=":STAT:ERR?",
                        setting=(":RATE 1", ":RATE?", "1.0000E+00", "500.00E-03"),
                        prepare=(":COMM:HEAD OFF",)),
    DeltaSm15k: Text("DELTA ELEKTRONIKA BV,SM500", "-113,Undefined header", "0,None", 10, None,
                     setting=("SOUR:VOL 12", "SOUR:VOL?", "12.0000", "0.0000")),
    EaPsb10000: Text("EA Elektro-Automatik", '-100,"Command error"', '0,"No error"', 5, None,
                     setting=("OUTP ON", "OUTP?", "ON", "OFF"), prepare=("SYST:LOCK ON",)),
}  # fmt: skip
SILENT = (SiglentSds,)
OTHERS = (SlcanAdapter, WaveshareRelay, PointOnWaveTrigger, ServicePortUnit, ConsoleService)
EVERY = (*TEXTS, *SILENT, *OTHERS)
PARTS = {EaUnit}
"""Reached through the box they are part of."""


def make(kind, clock):
    circuit, rng = Circuit(), np.random.default_rng(1)
    if kind is YokogawaWt500:
        return kind(clock, [circuit, circuit], rng)
    if kind in (EaPsb10000,):
        return kind(circuit, clock, rng)
    if kind is PointOnWaveTrigger:
        return kind(circuit, clock, rng)
    if kind is WaveshareRelay:
        return kind(circuit, clock)
    if kind in (ServicePortUnit, ConsoleService):
        return kind(circuit)
    return kind(clock, CanBus(clock)) if kind is SlcanAdapter else kind(clock, circuit, rng)


def plug(kind, clock=None):
    """Return the service of a fresh box."""
    clock = clock or VirtualClock()
    clock.sleep_until(1.0)
    box = make(kind, clock)
    if isinstance(box, Unit):
        return RtuLine({1: box}, clock)
    if isinstance(box, ScpiDevice):
        return stream_service(box)
    return box if kind is ConsoleService else box.service()


def talk(kind, clock=None):
    wire = Wire(plug(kind, clock))
    for message in TEXTS[kind].prepare if kind in TEXTS else ():
        wire.say(message)
    return wire


def found():
    """Return every class of the package that a wire can be put in front of."""
    classes = set()
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        loaded = importlib.import_module(module.name)
        for name in getattr(loaded, "__all__", ()):
            each = getattr(loaded, name)
            if inspect.isclass(each) and each.__module__ == loaded.__name__:
                served = issubclass(each, ScpiDevice | Unit) or hasattr(each, "service")
                if served or name.endswith("Service"):
                    classes.add(each)
    return {each for each in classes if not any(o is not each and issubclass(o, each)
                                                for o in classes)}  # fmt: skip


def test_the_walk_knows_every_box():
    assert found() - PARTS == set(EVERY)


@pytest.mark.parametrize("kind", TEXTS)
def test_it_says_who_it_is(kind):
    assert talk(kind).say("*IDN?").startswith(TEXTS[kind].identity)


@pytest.mark.parametrize("kind", TEXTS)
def test_an_unknown_header_gives_its_own_error_and_no_answer(kind):
    wire, told = talk(kind), TEXTS[kind]
    assert wire.say(told.error) == told.nothing
    for message in ("FOO:BAR 1", "FOO:BAR?"):
        assert wire.say(message) == ""
        assert wire.say(told.error) == told.unknown
    assert wire.say(told.error) == told.nothing


@pytest.mark.parametrize("kind", TEXTS)
def test_the_queue_is_as_deep_as_told_and_ends_as_told(kind):
    wire, told = talk(kind), TEXTS[kind]
    for _ in range(told.depth + 3):
        wire.say("FOO")
    last = told.overflow or told.unknown
    errors = [wire.say(told.error) for _ in range(told.depth + 1)]
    assert errors == [told.unknown] * (told.depth - 1) + [last, told.nothing]


@pytest.mark.parametrize("kind", TEXTS)
def test_cls_forgets_errors_and_keeps_settings(kind):
    wire, told = talk(kind), TEXTS[kind]
    setting, query, reply, _ = told.setting
    wire.say(setting)
    wire.say("FOO")
    wire.say("*CLS")
    assert wire.say(told.error) == told.nothing
    assert wire.say(query) == reply


@pytest.mark.parametrize("kind", TEXTS)
def test_rst_forgets_settings_and_keeps_errors(kind):
    wire, told = talk(kind), TEXTS[kind]
    setting, query, reply, start_up = told.setting
    wire.say(setting)
    assert wire.say(query) == reply
    wire.say("FOO")
    wire.say("*RST")
    assert wire.say(told.error) == told.unknown
    for message in told.prepare:
        wire.say(message)
    assert wire.say(query) == start_up


@pytest.mark.parametrize("kind", (*TEXTS, *SILENT))
def test_crlf_and_empty_lines_are_accepted(kind):
    wire = talk(kind)
    assert wire.raw(b"\r\n\n") == b""
    assert wire.raw(b"*IDN?\r\n").count(b"\n") == 1


@pytest.mark.parametrize("kind", (*TEXTS, *SILENT))
@given(noise=st.lists(st.binary(max_size=80), max_size=4))
@example(noise=[b"\x00"])
@example(noise=[b"\x01\x10"])
@example(noise=[b"\xff", b"("])
@settings(max_examples=40, deadline=None)
def test_text_boxes_survive_any_bytes_and_answer_afterwards(kind, noise):
    clock = VirtualClock()
    wire = talk(kind, clock)
    for part in noise:
        wire.raw(part)
    clock.sleep_until(clock.now() + 0.1)  # the EA forgets half a Modbus frame after 50 ms
    if b"#" in b"".join(noise) or wire.closed:  # a block may have swallowed what comes next
        wire = Wire(plug(kind))
    wire.raw(b"\n*CLS\n")
    wire.raw(b"\n")
    assert Wire.say(wire, "*IDN?")


@pytest.mark.parametrize("kind", OTHERS)
@given(noise=st.lists(st.binary(max_size=80), max_size=4))
@settings(max_examples=40, deadline=None)
def test_other_boxes_survive_any_bytes(kind, noise):
    service = plug(kind)
    wire = Wire(service)
    for part in noise:
        assert len(wire.raw(part)) <= 300
    wire.session.closed()
    wire = Wire(service)
    if kind is SlcanAdapter:
        assert wire.raw(b"\rV\r").endswith(b"V1013\r")


@pytest.mark.parametrize("kind", EVERY)
def test_input_without_an_end_is_bounded(kind):
    service = plug(kind)
    wire = Wire(service)
    on_modbus = issubclass(kind, Unit)
    chunk, limit = (b"A" * 512, 512) if on_modbus else (b"A" * 65536, 1 << 20)
    for _ in range(2 if on_modbus else 40):
        if not wire.closed:
            wire.raw(chunk)
    assert _kept(wire.session) <= limit + len(chunk)
    again = Wire(service)
    if kind in TEXTS or kind in SILENT:
        assert again.say("*IDN?")
    elif kind is SlcanAdapter:
        assert again.raw(b"V\r").endswith(b"V1013\r")


@pytest.mark.parametrize(
    ("kind", "request_", "reply"),
    [
        (WaveshareRelay, "01 01 0000 0008", "01 01 01 00"),
        (PointOnWaveTrigger, "01 04 0002 0001", "01 04 02 0000"),
        (ServicePortUnit, "01 04 0000 0001", "01 04 02 0007"),
    ],
)
def test_units_on_a_modbus_line_answer(kind, request_, reply):
    wire = Wire(plug(kind))
    assert wire.raw(seal(bytes.fromhex(request_))) == seal(bytes.fromhex(reply))
    assert wire.raw(seal(bytes.fromhex("01 2B 0000")))[1] == 0x2B | 0x80


def _kept(session):
    """Return how many bytes a session holds in its buffers."""
    size, seen, left = 0, set(), [session]
    while left:
        thing = left.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, bytes | bytearray | str):
            size += len(thing)
        elif type(thing).__module__.startswith("rig.virtual") and not isinstance(thing, type):
            names = getattr(thing, "__dict__", {})
            left += [value for key, value in names.items() if "buffer" in key or "splitter" in key
                     or "framer" in key]  # fmt: skip
    return size
