"""Every simulated box on a circuit that takes anything, and what its text is expected to say."""

import importlib
import inspect
import pkgutil
from dataclasses import dataclass

import numpy as np
from any_circuit import AnyCircuit
from box_client import BoxClient

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
from rig.virtual.boxes.temperature_transmitter import TemperatureTransmitter
from rig.virtual.boxes.waveshare_relay import WaveshareRelay
from rig.virtual.boxes.yokogawa_wt500 import YokogawaWt500
from rig.virtual.modbus import RtuLine, Unit
from rig.virtual.scpi import ScpiDevice
from rig.virtual.wires import stream_service


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
OTHERS = (
    SlcanAdapter,
    WaveshareRelay,
    PointOnWaveTrigger,
    TemperatureTransmitter,
    ServicePortUnit,
    ConsoleService,
)
EVERY = (*TEXTS, *SILENT, *OTHERS)
PARTS = {EaUnit}
"""Reached through the box they are part of."""


def make(kind, clock):
    circuit, rng = AnyCircuit(clock), np.random.default_rng(1)
    if kind is YokogawaWt500:
        return kind(clock, [circuit, circuit], rng)
    if kind in (EaPsb10000, PointOnWaveTrigger):
        return kind(circuit, clock, rng)
    if kind is TemperatureTransmitter:
        return kind(lambda: -10.0, rng)
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
    client = BoxClient(plug(kind, clock))
    for message in TEXTS[kind].prepare if kind in TEXTS else ():
        client.say(message)
    return client


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
