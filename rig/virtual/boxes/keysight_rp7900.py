"""Keysight RP7900 bidirectional DC supply, simulated (facts/instruments.md A3, guide pp. 208-242).

The guide's pages that are public name the commands, the status bits and the overlapped ``OUTPut``;
stand-ins: rating and model, the sign before numbers, start-up limits of 1 % and an over-voltage
protection at 120 %, the time for a reply. Left out: lists, arbitrary waveforms, digitised
measurements, output coupling, digital pins, ``VOLTage:RESistance`` acting on the terminals.
Everything of one message happens at one instant: ``*WAI`` and ``*OPC?`` cost the time that the
switching still takes, and a unit behind them in the same message sees the output as it was.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.dc_meters import DcMeters, DcShown, SupplyRating
from rig.virtual.boxes.rp7900_panel import Rp7900Panel, Trip
from rig.virtual.ports import SupplyPort
from rig.virtual.scpi import (
    Boolean,
    Choice,
    CommonCommands,
    Dialect,
    ErrorQueries,
    Integer,
    Number,
    RegisterGroup,
    command,
    query,
)
from rig.virtual.scpi.formats import nr3, signed_nr1, zero_one

__all__ = ["RATING", "KeysightRp7900", "Trip"]

RATING = SupplyRating(voltage_v=500.0, current_a=40.0, power_w=10000.0)

_TURNAROUND_S = 0.005
_OVER_RANGE = 1.02
_DIALECT = Dialect(
    queue_depth=20, no_error='+0,"No error"', error_format='{code:+d},"{text}"'
)  # depth: A3, E6
_COMPLETE = 0x01
_QUESTIONABLE, _OPERATION = 0x08, 0x80
_CV, _CC, _OFF = 0x01, 0x02, 0x04
_LIMIT_BITS = {0: 0, 1: 0x080, -1: 0x100}
_TRIP_BITS = (
    (Trip.OVER_VOLTAGE, 0x001),
    (Trip.OVER_CURRENT, 0x002),
    (Trip.POWER_FAIL, 0x004),
    (Trip.OVER_TEMPERATURE, 0x010),
    (Trip.INHIBIT, 0x200),
    (Trip.WATCHDOG, 0x800),
)
_UNDER_VOLTAGE = 0x40
"""In the second questionable register, as in RP793x to RP796x."""
_MARGIN_C = 42.0
_nr3 = nr3(6, sign="+")


class KeysightRp7900(CommonCommands, ErrorQueries):
    """The box on its LAN ports."""

    def __init__(
        self,
        clock: Clock,
        port: SupplyPort,
        rng: np.random.Generator,
        *,
        rating: SupplyRating = RATING,
        model: str = "RP7952A",
        serial: str = "MY00000001",
        firmware: str = "B.03.02.1232",
        turnaround_s: float = _TURNAROUND_S,
    ) -> None:
        self.panel = Rp7900Panel(clock, port, rating)
        self.operation = RegisterGroup()
        self.questionable = (RegisterGroup(), RegisterGroup())
        self._meters = DcMeters(rng, rating)
        self._shown: DcShown | None = None
        self._completion_asked = False
        identity = f"Keysight Technologies,{model},{serial},{firmware}"
        super().__init__(_DIALECT, identity=identity, turnaround_s=turnaround_s)
        self._bind_levels(rating)
        self._bind_protections(rating)
        self._bind_registers()
        for node in ("MEASure|FETCh[:SCALar]:VOLTage[:DC]", "MEASure|FETCh[:SCALar]:CURRent[:DC]"):
            self.add_query(node, self._volts if "VOLT" in node else self._amps)
        self.add_query("MEASure|FETCh[:SCALar]:POWer[:DC]", self._watts)

    def _bind_levels(self, rating: SupplyRating) -> None:
        volts, amps = _OVER_RANGE * rating.voltage_v, _OVER_RANGE * rating.current_a
        level = "[:LEVel][:IMMediate][:AMPLitude]"
        limit = "[:IMMediate][:AMPLitude]"
        for pattern, name, kind in (
            (f"VOLTage{level}", "voltage_v", Number(0.0, volts, unit="V")),
            (f"VOLTage:LIMit[:POSitive]{limit}", "voltage_limit_v", Number(0.0, volts, unit="V")),
            (f"CURRent{level}", "current_a", Number(-amps, amps, unit="A")),
            (f"CURRent:LIMit[:POSitive]{limit}", "current_limit_a", Number(0.0, amps, unit="A")),
            (
                f"CURRent:LIMit:NEGative{limit}",
                "current_limit_negative_a",
                Number(-amps, 0.0, unit="A"),
            ),
            (f"VOLTage:RESistance{level}", "resistance_ohm", Number(0.0, 50.0, unit="OHM")),
        ):
            self._setting(f"[SOURce:]{pattern}", name, kind, self.panel.apply)

    def _bind_protections(self, rating: SupplyRating) -> None:
        panel, state = self.panel, self.panel.state
        over = Number(0.0, 1.2 * rating.voltage_v, unit="V")
        under = Number(0.0, _OVER_RANGE * rating.voltage_v, unit="V")
        delay, wait = Number(20.48e-6, 2611.0, unit="S"), Number(0.0, 1023.0, unit="S")
        protection = "[SOURce:]VOLTage:PROTection"
        self._setting(f"{protection}[:LEVel]", "over_voltage_v", over, panel.refresh)
        self._setting(f"{protection}:LOW[:LEVel]", "under_voltage_v", under, panel.refresh)
        self._setting(f"{protection}:LOW:DELay", "under_voltage_delay_s", delay, panel.refresh)
        self._setting("OUTPut[:STATe]:DELay:RISE", "rise_delay_s", wait, panel.apply)
        self._setting("OUTPut[:STATe]:DELay:FALL", "fall_delay_s", wait, panel.apply)
        period = Number(1.0, 3600.0, unit="S", resolution=1.0)
        self._setting("OUTPut:PROTection:WDOG:DELay", "watchdog_s", period, panel.set_watchdog)
        for pattern, name, after in (
            (f"{protection}:LOW:STATe", "under_voltage_on", panel.refresh),
            ("[SOURce:]CURRent:PROTection:STATe", "over_current_on", panel.refresh),
            ("OUTPut:PROTection:WDOG[:STATe]", "watchdog_on", panel.set_watchdog),
        ):
            self.bind(pattern, state, name, Boolean(), zero_one, after=after)

    def _bind_registers(self) -> None:
        mask = Integer(0, 32767)
        for node, groups in (
            ("OPERation", (self.operation,)),
            ("QUEStionable<1:2>", self.questionable),
        ):
            for suffix, name in (
                ("ENABle", "enable"),
                ("PTRansition", "positive"),
                ("NTRansition", "negative"),
            ):
                bind = self.bind_each if len(groups) > 1 else self._bind_first
                bind(f"STATus:{node}:{suffix}", groups, name, mask, signed_nr1)

    def _bind_first(
        self,
        pattern: str,
        groups: tuple[RegisterGroup, ...],
        name: str,
        kind: Integer,
        reply: Callable[[float], str],
    ) -> None:
        self.bind(pattern, groups[0], name, kind, reply)

    def _setting(self, pattern: str, name: str, kind: Number, after: Callable[[], None]) -> None:
        self.bind(pattern, self.panel.state, name, kind, _nr3, after=after)

    # -- front panel -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Feed the watchdog, let protections act, follow the registers."""
        self.panel.feed()
        self.panel.refresh()
        self._shown = None
        self._follow_registers()
        if self._completion_asked and not self.panel.pending_s:
            self._completion_asked = False
            self.status.event |= _COMPLETE

    def reset(self) -> None:
        """Return to the start-up state; a pending ``*OPC`` is forgotten."""
        self._completion_asked = False
        self.panel.reset()
        self._follow_registers()

    def clear_events(self) -> None:
        """Clear all event registers; a pending ``*OPC`` is forgotten."""
        self._completion_asked = False
        self.operation.event = 0
        for group in self.questionable:
            group.event = 0

    def summary_bits(self) -> int:
        """Return bits 3 and 7 of the status byte."""
        byte = _QUESTIONABLE if any(group.summary for group in self.questionable) else 0
        return byte | _OPERATION if self.operation.summary else byte

    @command("*OPC")
    def note_completion(self) -> None:
        """Set the completion event when the switching under way has ended."""
        self._completion_asked = bool(self.panel.pending_s)
        if not self._completion_asked:
            self.status.event |= _COMPLETE

    @query("*OPC")
    def completion(self) -> str:
        """Answer 1 after the switching under way has ended."""
        self.charge(self.panel.pending_s)
        return "1"

    @command("*WAI")
    def wait(self) -> None:
        """Wait for the switching under way."""
        self.charge(self.panel.pending_s)

    @command("OUTPut[:STATe]", Boolean())
    def switch_output(self, on: bool) -> None:
        """Begin to switch the output."""
        self.panel.switch(on)
        self._follow_registers()

    @query("OUTPut[:STATe]")
    def output(self) -> str:
        """Return the programmed state; a protection does not change it."""
        return zero_one(self.panel.state.on)

    @command("[SOURce:]FUNCtion", Choice("VOLTage", "CURRent"))
    def set_priority(self, priority: str) -> None:
        """Choose what is regulated and what limits."""
        self.panel.state.priority = priority
        self.panel.apply()
        self._follow_registers()

    @query("[SOURce:]FUNCtion")
    def priority(self) -> str:
        """Return what is regulated."""
        return self.panel.state.priority

    @command("OUTPut:PROTection:CLEar")
    def clear_protection(self) -> None:
        """Clear latched protections whose cause is gone."""
        self.panel.clear_protection()
        self._follow_registers()

    @query("OUTPut:PROTection:TEMPerature:MARGin")
    def temperature_margin(self) -> str:
        """Return the distance to the over-temperature trip in degrees."""
        return _nr3(_MARGIN_C)

    # -- registers ---------------------------------------------------------------------------

    @query("STATus:OPERation[:EVENt]")
    def operation_event(self) -> str:
        """Return the operation events and clear them."""
        return signed_nr1(self.operation.read_event())

    @query("STATus:OPERation:CONDition")
    def operation_condition(self) -> str:
        """Return the operation conditions."""
        return signed_nr1(self.operation.condition)

    @query("STATus:QUEStionable<1:2>[:EVENt]")
    def questionable_event(self, number: int) -> str:
        """Return the events of one questionable register and clear them."""
        return signed_nr1(self.questionable[number - 1].read_event())

    @query("STATus:QUEStionable<1:2>:CONDition")
    def questionable_condition(self, number: int) -> str:
        """Return the conditions of one questionable register."""
        return signed_nr1(self.questionable[number - 1].condition)

    @command("STATus:PRESet")
    def preset_registers(self) -> None:
        """Enable nothing, let rising edges through."""
        for group in (self.operation, *self.questionable):
            group.preset()

    def _follow_registers(self) -> None:
        panel = self.panel
        bits = 0 if panel.state.on else _OFF
        if panel.delivering:
            bits |= _CC if self._regulates_current() else _CV
        self.operation.update(bits)
        word = _LIMIT_BITS[panel.limiting()]
        for trip, bit in _TRIP_BITS:
            word |= bit if trip & panel.tripped else 0
        self.questionable[0].update(word)
        under = Trip.UNDER_VOLTAGE & panel.tripped
        self.questionable[1].update(_UNDER_VOLTAGE if under else 0)

    def _regulates_current(self) -> bool:
        """Say whether current is regulated: by priority, or at a limit of voltage priority."""
        if self.panel.state.priority == "CURR":
            return True
        return self.panel.read().regulation == "CC" or bool(self.panel.limiting())

    # -- meters ------------------------------------------------------------------------------

    @property
    def shown(self) -> DcShown:
        """What the meters show at this instant; one set for a whole message."""
        if self._shown is None:
            self._shown = self._meters.read(self.panel.read())
        return self._shown

    def _volts(self) -> str:
        return _nr3(self.shown.voltage_v)

    def _amps(self) -> str:
        return _nr3(self.shown.current_a)

    def _watts(self) -> str:
        return _nr3(self.shown.power_w)
