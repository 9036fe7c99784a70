"""Yokogawa WT500 power analyser, simulated (facts/instruments.md C1).

The update bit is 0 for the first tenth of a period and 1 while it measures; all numeric items are
NONE at power-on. Ranges, model code, firmware, and that only settings answer with a header, are
what such boxes usually have, not taken from the fact sheet. ``:COMMunicate:WAIT`` for an event
that no filter lets through would block a real box for good; here it blocks for a minute.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.analyser_items import FUNCTIONS, Item, show
from rig.virtual.boxes.analyser_panel import AnalyserPanel, Element
from rig.virtual.ports import AnalyserPort
from rig.virtual.scpi import (
    AnyOf,
    Boolean,
    Choice,
    Command,
    CommonCommands,
    Dialect,
    Integer,
    Number,
    RegisterGroup,
    Reply,
    ScpiError,
    command,
    query,
)
from rig.virtual.scpi.formats import block, engineering, zero_one
from rig.virtual.scpi.lexer import Token

__all__ = ["RATES_S", "YokogawaWt500"]

RATES_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
VOLTAGE_RANGES_V = (15.0, 30.0, 60.0, 100.0, 150.0, 300.0, 600.0, 1000.0)
CURRENT_RANGES_A = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0)

_TURNAROUND_S = 0.005
_ITEMS = 255
_STUCK_S = 60.0
_UPDATED_PART = 0.1
_UPDATING, _INTEGRATING, _TIMED = 0x0001, 0x0002, 0x0004
_OVER_FIRST, _PEAK_OVER = 0x0100, 0x8000
_EXTENDED_SUMMARY = 0x08
_NAN, _INF = bytes.fromhex("7E951BEE"), bytes.fromhex("7E94F56A")
_STATES = {"RES": "RESET", "STAR": "START", "STOP": "STOP", "TIM": "TIMEUP"}
_value = engineering(5)
_ELEMENT = "ELEMent<1:6>"
_DIALECT = Dialect(positive_codes=True, texts={-113: "Undefined Header"})


class YokogawaWt500(CommonCommands):
    """The box on its VXI-11 port; one port of the circuit per element."""

    def __init__(
        self,
        clock: Clock,
        port: Sequence[AnalyserPort],
        rng: np.random.Generator,
        *,
        model: str = "760203",
        firmware: str = "F2.01",
        turnaround_s: float = _TURNAROUND_S,
    ) -> None:
        elements = [Element(p, rng, VOLTAGE_RANGES_V[-1], CURRENT_RANGES_A[-1]) for p in port]
        self.panel = AnalyserPanel(clock, elements, 0.5)
        self.extended = RegisterGroup(positive=0, mask=0xFFFF)
        self.header, self.verbose, self.remote, self.lockout = True, True, False, False
        self.operation_mask = 0
        self.format, self.wiring, self.thd_reference = "ASC", "P1W2", "TOT"
        self.count = 15
        self._items = [Item()] * _ITEMS
        self._index = self.panel.index
        super().__init__(
            _DIALECT, identity=f"YOKOGAWA,{model},0,{firmware}", turnaround_s=turnaround_s
        )
        self._bind_communication()
        self._bind_measurement()
        self._settable = {c.pattern for c in self._commands if not c.query}

    def _bind_communication(self) -> None:
        for node, name in (
            ("HEADer", "header"),
            ("VERBose", "verbose"),
            ("REMote", "remote"),
            ("LOCKout", "lockout"),
        ):
            self.bind(f"COMMunicate:{node}", self, name, Boolean(), zero_one)
        self.bind("COMMunicate:OPSE", self, "operation_mask", Integer(0, 65535), str)
        self.bind("STATus:EESE", self.extended, "enable", Integer(0, 65535), str)

    def _bind_measurement(self) -> None:
        panel = self.panel
        self.bind("NUMeric:FORMat", self, "format", Choice("ASCii", "FLOat"), str)
        self.bind("NUMeric:HOLD", panel, "hold", Boolean(), zero_one, after=self._hold)
        self.bind("RATE", panel, "period_s", _OneOf(RATES_S, "S"), _value)
        self.bind("HARMonics:THD", self, "thd_reference", Choice("TOTal", "FUNDamental"), str)
        wirings = Choice("P1W2", "P1W3", "P3W3", "P3W4", "V3A3")
        self.bind("[INPut:]WIRing", self, "wiring", wirings, str)
        for node, name, ranges, unit in (
            ("VOLTage", "voltage", VOLTAGE_RANGES_V, "V"),
            ("CURRent", "current", CURRENT_RANGES_A, "A"),
        ):
            kind, field = _OneOf(ranges, unit), f"{name}_range_{unit.lower()}"
            self._bind_elements(f"[INPut:]{node}:RANGe", field, kind)
            self._bind_elements(f"[INPut:]{node}:AUTO", f"{name}_auto", Boolean())

    def _bind_elements(self, header: str, name: str, kind: _OneOf | Boolean) -> None:
        """Make the commands of one setting of all elements, and of each."""
        elements = self.panel.elements
        spell = zero_one if isinstance(kind, Boolean) else _value

        def write(value: float) -> None:
            for element in elements:
                setattr(element, name, value)

        def read() -> str:
            return ";".join(spell(getattr(element, name)) for element in elements)

        def write_one(number: int, value: float) -> None:
            setattr(self._element(number), name, value)

        def read_one(number: int) -> str:
            return spell(getattr(self._element(number), name))

        self.add(Command(f"{header}[:ALL]", False, (kind,), 0, write))
        self.add(Command(f"{header}[:ALL]", True, (), 0, read))
        self.add(Command(f"{header}:{_ELEMENT}", False, (kind,), 0, write_one))
        self.add(Command(f"{header}:{_ELEMENT}", True, (), 0, read_one))

    def _element(self, number: int) -> Element:
        if number > len(self.panel.elements):
            raise ScpiError(-114)
        return self.panel.elements[number - 1]

    # -- front panel -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Follow the updates, the integrator and the condition register."""
        self.panel.integrate()
        index = self.panel.index
        bits = self._condition_bits()
        if index != self._index:
            self._index = index
            self.extended.update(bits | _UPDATING)
            self.extended.update(bits & ~_UPDATING)
        self.extended.update(bits)

    def reset(self) -> None:
        """Return to the start-up state; communication settings stay."""
        self.panel.hold = False
        self.panel.period_s = 0.5
        self.format, self.wiring, self.thd_reference = "ASC", "P1W2", "TOT"
        self.count, self._items = 15, [Item()] * _ITEMS
        for element in self.panel.elements:
            element.voltage_range_v = VOLTAGE_RANGES_V[-1]
            element.current_range_a = CURRENT_RANGES_A[-1]
            element.voltage_auto = element.current_auto = False
        self.panel.stop_integration()
        self.panel.reset_integration()
        self.panel.integration.timer_s = 0.0

    def clear_events(self) -> None:
        """Clear the extended events."""
        self.extended.event = 0

    def summary_bits(self) -> int:
        """Return the extended events' summary in bit 3."""
        return _EXTENDED_SUMMARY if self.extended.summary else 0

    def decorate(self, command: Command, suffixes: tuple[int, ...], reply: Reply) -> Reply:
        """Put the header before the reply of a setting, where headers are on."""
        shown = self.header and command.query and command.pattern in self._settable
        if not shown or not isinstance(reply, str) or command.pattern.startswith("*"):
            return reply
        return f"{command.canonical(suffixes, long=self.verbose)} {reply}"

    def _hold(self) -> None:
        """Take the present update along when the display is to stand still."""
        if self.panel.hold:
            self.panel.hold = False
            self.panel.readings()
            self.panel.hold = True

    def _condition_bits(self) -> int:
        panel = self.panel
        into = 1.0 - panel.time_left_s / panel.period_s
        bits = _UPDATING if into >= _UPDATED_PART else 0
        if panel.integration.state == "STAR":
            bits |= _INTEGRATING | (_TIMED if panel.integration.timer_s else 0)
        return bits | (self.extended.condition & ~0x7)

    def _note_ranges(self) -> None:
        """Show in the condition register which elements are beyond their range."""
        bits = self.extended.condition & 0x7
        for n, (element, q) in enumerate(
            zip(self.panel.elements, self.panel.readings() or (), strict=False)
        ):
            if element.voltage_over(q) or element.current_over(q):
                bits |= _OVER_FIRST << n
            if element.peak_over(q):
                bits |= _PEAK_OVER
        self.extended.update(bits)

    # -- numeric data ------------------------------------------------------------------------

    @command("NUMeric[:NORMal]:NUMber", AnyOf(Choice("ALL"), Integer(1, _ITEMS)))
    def set_number(self, number: int | str) -> None:
        """Choose how many items a reading has."""
        self.count = _ITEMS if isinstance(number, str) else number

    @query("NUMeric[:NORMal]:NUMber")
    def number(self) -> str:
        """Return how many items a reading has."""
        return str(self.count)

    @command(
        f"NUMeric[:NORMal]:ITEM<1:{_ITEMS}>",
        Choice(*FUNCTIONS),
        AnyOf(Choice("SIGMa"), Integer(1, 6)),
        AnyOf(Choice("TOTal", "DC"), Integer(0, 100)),
        optional=2,
    )
    def set_item(
        self, number: int, function: str, element: int | str = 1, order: int | str | None = None
    ) -> None:
        """Choose what one item shows."""
        at = 0 if isinstance(element, str) else element
        if at > len(self.panel.elements):
            raise ScpiError(-222)
        self._items[number - 1] = Item(function, at, order)

    @query(f"NUMeric[:NORMal]:ITEM<1:{_ITEMS}>")
    def item(self, number: int) -> str:
        """Return what one item shows."""
        return self._items[number - 1].spell()

    @command(
        "NUMeric[:NORMal]:CLEar", AnyOf(Choice("ALL"), Integer(1, _ITEMS)), Integer(1, _ITEMS),
        optional=1,
    )  # fmt: skip
    def clear_items(self, first: int | str, last: int = _ITEMS) -> None:
        """Set items to NONE."""
        start = 1 if isinstance(first, str) else first
        for number in range(start, last + 1):
            self._items[number - 1] = Item()

    @query("NUMeric[:NORMal]:VALue", Integer(1, _ITEMS), optional=1)
    def values(self, number: int | None = None) -> str | bytes:
        """Return the values of all items, or of one, all from the last complete update."""
        self._note_ranges()
        items = self._items[: self.count] if number is None else [self._items[number - 1]]
        values = [show(item, self.panel) for item in items]
        if self.format == "FLO":
            return block(b"".join(map(_single, values)), width=4 if len(values) < 2500 else 6)
        return ",".join(map(_spell, values))

    # -- status and communication ------------------------------------------------------------

    @query("STATus:CONDition")
    def condition(self) -> str:
        """Return what is going on."""
        self._note_ranges()
        return str(self.extended.condition)

    @query("STATus:EESR")
    def extended_events(self) -> str:
        """Return the filtered changes since the last reading."""
        return str(self.extended.read_event())

    @query("STATus:ERRor")
    def error(self) -> str:
        """Take out and return the oldest error, its number positive."""
        return self.next_error()

    @query("STATus:SPOLl")
    def poll(self) -> str:
        """Return what a serial poll would."""
        return str(self.status_byte())

    @command("STATus:FILTer<1:16>", Choice("RISE", "FALL", "BOTH", "NEVer"))
    def set_filter(self, number: int, edge: str) -> None:
        """Choose which edge of a condition becomes an event."""
        bit, group = 1 << (number - 1), self.extended
        rising, falling = edge in {"RISE", "BOTH"}, edge in {"FALL", "BOTH"}
        group.positive = group.positive | bit if rising else group.positive & ~bit
        group.negative = group.negative | bit if falling else group.negative & ~bit

    @query("STATus:FILTer<1:16>")
    def filter(self, number: int) -> str:
        """Return which edge of a condition becomes an event."""
        bit = 1 << (number - 1)
        rising, falling = self.extended.positive & bit, self.extended.negative & bit
        return ("BOTH" if falling else "RISE") if rising else ("FALL" if falling else "NEV")

    @command("COMMunicate:WAIT", Integer(0, 65535))
    def wait_for(self, mask: int) -> None:
        """Block the interface until one of the events has come; the exchange takes that long."""
        group, panel = self.extended, self.panel
        if group.event & mask:
            return
        left = _STUCK_S
        if mask & _UPDATING & group.negative:
            left = panel.time_left_s
        elif mask & _UPDATING & group.positive:
            part = (1.0 - _UPDATED_PART) * panel.period_s
            left = (panel.time_left_s - part) % panel.period_s
        self.charge(left)

    # -- integration -------------------------------------------------------------------------

    @command("INTEGrate:MODE", Choice("NORMal"))
    def set_integration_mode(self, mode: str) -> None:
        """Take the only mode simulated: one run, ended by hand or by the timer."""

    @query("INTEGrate:MODE")
    def integration_mode(self) -> str:
        """Return the mode."""
        return "NORM"

    @command("INTEGrate:TIMer", Integer(0, 10000), Integer(0, 59), Integer(0, 59))
    def set_timer(self, hours: int, minutes: int, seconds: int) -> None:
        """Set after how long integration ends by itself; 0 = never. Only after a reset."""
        self._require(self.panel.integration.state == "RES")
        self.panel.integration.timer_s = hours * 3600.0 + minutes * 60.0 + seconds

    @query("INTEGrate:TIMer")
    def timer(self) -> str:
        """Return the timer as hours, minutes, seconds."""
        minutes, seconds = divmod(round(self.panel.integration.timer_s), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours},{minutes},{seconds}"

    @command("INTEGrate:STARt")
    def start(self) -> None:
        """Start integrating, or go on."""
        self._require(self.panel.start_integration())
        self.refresh()

    @command("INTEGrate:STOP")
    def stop(self) -> None:
        """Stop integrating."""
        self._require(self.panel.stop_integration())
        self.refresh()

    @command("INTEGrate:RESet")
    def reset_integration(self) -> None:
        """Forget what was integrated."""
        self._require(self.panel.reset_integration())

    @query("INTEGrate:STATe")
    def integration_state(self) -> str:
        """Return what the integrator does."""
        return _STATES[self.panel.integration.state]

    @staticmethod
    def _require(done: bool) -> None:
        if not done:
            raise ScpiError(-221)


class _OneOf:
    """A number that must be one of a list."""

    def __init__(self, values: Sequence[float], unit: str) -> None:
        self._values, self._number = values, Number(min(values), max(values), unit=unit)

    def convert(self, token: Token) -> float:
        """Return the listed value; out of range when it is not listed."""
        given = self._number.convert(token)
        for value in self._values:
            if math.isclose(given, value, rel_tol=1e-6):
                return value
        raise ScpiError(-222)


def _spell(value: float) -> str:
    if math.isnan(value):
        return "NAN"
    return "INF" if math.isinf(value) else _value(value)


def _single(value: float) -> bytes:
    if math.isnan(value):
        return _NAN
    return _INF if math.isinf(value) else struct.pack(">f", value)
