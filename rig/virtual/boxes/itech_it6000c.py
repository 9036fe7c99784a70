"""ITECH IT6000C bidirectional DC supply, simulated (facts/instruments.md A2).

Rated and identified as the one unit with a public hardware log, whose replies (plain decimals,
``VOLTage``, ``FIXed``) these follow. The status bits are those of the IT-M3100, the same firmware
family; the published driver of that unit has other ones (for OPER 7 CC+, 8 CV, 9 CP+, 11 CC-,
12 CP-), so check them on hardware. Stand-ins: depth of the error queue, start-up limits of 0,
protections off. Left out: list, battery, solar and car profiles, calibration.
"""

from __future__ import annotations

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.dc_meters import DcMeters, DcShown, SupplyRating
from rig.virtual.boxes.it6000c_panel import Alarm, It6000cPanel, Protection
from rig.virtual.ports import SupplyPort
from rig.virtual.scpi import (
    Boolean,
    Choice,
    Command,
    CommonCommands,
    Dialect,
    ErrorQueries,
    Number,
    StatusRegisters,
    command,
    query,
)
from rig.virtual.scpi.fields import Limit, LimitValue
from rig.virtual.scpi.formats import zero_one

__all__ = ["RATING", "Alarm", "ItechIt6000c"]

RATING = SupplyRating(voltage_v=800.0, current_a=225.0, power_w=54000.0)

_TURNAROUND_S = 0.020
_MORE_VOLTS, _MORE_AMPS, _MORE_WATTS = 1.01, 1.01, 1.02
_VOLT_STEP, _AMP_STEP, _WATT_STEP = 0.01, 0.01, 1.0
_QUESTIONABLE = (
    (Alarm.OVER_VOLTAGE, 0x0001),
    (Alarm.OVER_CURRENT, 0x0002),
    (Alarm.OVER_POWER, 0x0004),
    (Alarm.UNDER_VOLTAGE, 0x0008),
    (Alarm.OVER_TEMPERATURE, 0x0010),
    (Alarm.UNDER_CURRENT, 0x0020),
    (Alarm.WATCHDOG, 0x2000),
)
_CV, _CC, _ON_DELAY, _OFF_DELAY, _ON = 0x010, 0x020, 0x080, 0x100, 0x200
_LONG = {"VOLT": "VOLTage", "CURR": "CURRent"}


def _plain(value: float) -> str:
    """Return six significant digits.

    >>> _plain(4.0), _plain(-2.27251)
    ('4', '-2.27251')
    """
    return f"{value:z.6g}"


class ItechIt6000c(CommonCommands, ErrorQueries, StatusRegisters):
    """The box on its socket or serial port."""

    def __init__(
        self,
        clock: Clock,
        port: SupplyPort,
        rng: np.random.Generator,
        *,
        rating: SupplyRating = RATING,
        model: str = "IT6054C-800-225",
        serial: str = "804022011797210001",
        firmware: str = "000.006.101,640.R,132.R",
        turnaround_s: float = _TURNAROUND_S,
    ) -> None:
        most = SupplyRating(
            _MORE_VOLTS * rating.voltage_v,
            _MORE_AMPS * rating.current_a,
            _MORE_WATTS * rating.power_w,
        )
        self.panel = It6000cPanel(clock, port, most)
        self._meters = DcMeters(rng, rating)
        self._shown: DcShown | None = None
        super().__init__(
            Dialect(power_on_event=False),
            identity=f"ITECH Electronics,{model},{serial},{firmware}",
            turnaround_s=turnaround_s,
        )
        self._volts = Number(0.0, most.voltage_v, unit="V", default=0.0, resolution=_VOLT_STEP)
        self._amps = Number(-most.current_a, most.current_a, unit="A", default=0.0,
                            resolution=_AMP_STEP)  # fmt: skip
        self._seconds = Number(0.0, 600.0, unit="S", default=0.0)
        self._bind_levels(most)
        self._bind_limits(most)
        self._bind_protections(most)

    def _bind_levels(self, most: SupplyRating) -> None:
        panel, state = self.panel, self.panel.state
        level = "[:LEVel][:IMMediate][:AMPLitude]"
        watts = Number(0.0, most.power_w, unit="W", default=most.power_w, resolution=_WATT_STEP)
        sink = Number(-most.power_w, 0.0, unit="W", default=-most.power_w, resolution=_WATT_STEP)
        self._aliased(f"[SOURce:]VOLTage{level}", "voltage_v", "voltage_limit_v", self._volts)
        self._aliased(f"[SOURce:]CURRent{level}", "current_a", "current_limit_a", self._amps)
        for pattern, name, kind in (
            ("[SOURce:]POWer:LIMit[:POSitive]", "power_limit_w", watts),
            ("[SOURce:]POWer:LIMit:NEGative", "power_limit_negative_w", sink),
            ("OUTPut:DELay:RISE", "rise_delay_s", self._seconds),
            ("OUTPut:DELay:FALL", "fall_delay_s", self._seconds),
        ):
            self.bind(pattern, state, name, kind, _plain, after=panel.apply)
        slew = Number(0.001, 1000.0, default=0.1)
        for pattern, name in (
            ("VOLTage:SLEW:POSitive", "voltage_rise"),
            ("VOLTage:SLEW:NEGative", "voltage_fall"),
            ("CURRent:SLEW:POSitive", "current_rise"),
            ("CURRent:SLEW:NEGative", "current_fall"),
        ):
            self.bind(f"[SOURce:]{pattern}", state, name, slew, _plain)

    def _aliased(self, pattern: str, own: str, limit: str, kind: Number) -> None:
        """Bind a set value that shows the limit which acts while the other one has priority."""
        state, priority = self.panel.state, "VOLT" if own == "voltage_v" else "CURR"

        def read(asked: LimitValue | None = None) -> str:
            name = own if state.priority == priority else limit
            return _plain(getattr(state, name) if asked is None else asked.value)

        self.bind(pattern, state, own, kind, _plain, after=self.panel.apply)
        self.add(Command(pattern, True, (Limit(kind),), 1, read))

    def _bind_limits(self, most: SupplyRating) -> None:
        """Bind the limits that only the other quantity's priority lets write."""
        sourced = Number(0.0, most.current_a, unit="A", default=0.0, resolution=_AMP_STEP)
        sunk = Number(-most.current_a, 0.0, unit="A", default=0.0, resolution=_AMP_STEP)
        self._coupled("CURRent:LIMit[:POSitive]", "current_limit_a", sourced, "VOLT")
        self._coupled("CURRent:LIMit:NEGative", "current_limit_negative_a", sunk, "VOLT")
        self._coupled("VOLTage:LIMit[:POSitive]", "voltage_limit_v", self._volts, "CURR")
        self._coupled("VOLTage:LIMit:NEGative", "voltage_limit_negative_v", self._volts, "CURR")

    def _coupled(self, pattern: str, name: str, kind: Number, priority: str) -> None:
        panel = self.panel

        def write(value: float) -> None:
            panel.require(priority)
            setattr(panel.state, name, value)
            panel.apply()

        header = f"[SOURce:]{pattern}"
        self.bind(header, panel.state, name, kind, _plain)
        self.add(Command(header, False, (kind,), 0, write))

    def _bind_protections(self, most: SupplyRating) -> None:
        state, delay = self.panel.state, self._seconds
        volts = Number(0.0, most.voltage_v, unit="V", default=most.voltage_v)
        amps = Number(-most.current_a, most.current_a, unit="A", default=most.current_a)
        watts = Number(0.0, most.power_w, unit="W", default=most.power_w)
        for node, protection, kind in (
            ("VOLTage:PROTection", state.over_voltage, volts),
            ("CURRent:PROTection", state.over_current, amps),
            ("POWer:PROTection", state.over_power, watts),
            ("VOLTage:UNDer:PROTection", state.under_voltage, volts),
            ("CURRent:UNDer:PROTection", state.under_current, amps),
        ):
            self._protection(f"[SOURce:]{node}", protection, kind, delay)
            if "UNDer" in node:
                self.bind(f"[SOURce:]{node}:WARM", protection, "warm_up_s", delay, _plain)
        period = Number(1.0, 3600.0, unit="S", default=30.0)
        watchdog = "OUTPut:PROTection:WDOG"
        again = self.panel.set_watchdog
        self.bind(f"{watchdog}:DELay", state, "watchdog_s", period, _plain, after=again)
        self.bind(f"{watchdog}:STATe", state, "watchdog_on", Boolean(), zero_one, after=again)

    def _protection(self, node: str, protection: Protection, level: Number, delay: Number) -> None:
        after = self.panel.refresh
        self.bind(f"{node}[:LEVel]", protection, "level", level, _plain, after=after)
        self.bind(f"{node}:STATe", protection, "on", Boolean(), zero_one, after=after)
        self.bind(f"{node}:DELay", protection, "delay_s", delay, _plain, after=after)

    # -- front panel -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Feed the watchdog, let protections act, follow the registers."""
        self.panel.feed()
        self.panel.refresh()
        self._shown = None
        self._follow_registers()

    def reset(self) -> None:
        """Return to the start-up state."""
        self.panel.reset()
        self._follow_registers()

    def _follow_registers(self) -> None:
        panel = self.panel
        self.questionable.update(sum(bit for alarm, bit in _QUESTIONABLE if alarm & panel.tripped))
        bits = _ON if panel.delivering else 0
        if panel.delivering:
            regulation = panel.read().regulation
            current = panel.state.priority == "CURR" or regulation == "CC"
            bits |= _CC if current else _CV if regulation == "CV" else 0
        if panel.switching:
            bits |= _ON_DELAY if panel.state.on else _OFF_DELAY
        self.operation.update(bits)

    @command("SYSTem:REMote")
    def remote(self) -> None:
        """Take remote control."""

    @command("SYSTem:LOCal")
    def local(self) -> None:
        """Give the front panel back."""

    @query("SYSTem:VERSion")
    def version(self) -> str:
        """Return the version of the command set."""
        return "IT60xxSrc-v1.3.7.xx"

    @command("OUTPut[:STATe]", Boolean())
    def switch_output(self, on: bool) -> None:
        """Switch the output."""
        self.panel.switch(on)
        self._follow_registers()

    @query("OUTPut[:STATe]")
    def output(self) -> str:
        """Say whether the output is switched on."""
        return zero_one(self.panel.state.on)

    @command("OUTPut:PROTection:CLEar")
    def clear_protection(self) -> None:
        """Forget what has tripped."""
        self.panel.clear_protection()
        self._follow_registers()

    @command("[SOURce:]FUNCtion", Choice("VOLTage", "CURRent"))
    def set_priority(self, priority: str) -> None:
        """Choose CV or CC priority."""
        self.panel.set_priority(priority)
        self._follow_registers()

    @query("[SOURce:]FUNCtion")
    def priority(self) -> str:
        """Return the priority."""
        return _LONG[self.panel.state.priority]

    @command("[SOURce:]FUNCtion:MODE", Choice("FIXed"))
    def set_mode(self, mode: str) -> None:
        """Choose how set values come about; fixed is the only one here."""

    @query("[SOURce:]FUNCtion:MODE")
    def mode(self) -> str:
        """Return how set values come about."""
        return "FIXed"

    @query("SINK:RESistance:STATe")
    def sink_resistance(self) -> str:
        """Say that the sink is no resistance."""
        return "0"

    # -- meters ------------------------------------------------------------------------------

    @property
    def shown(self) -> DcShown:
        """What the meters show at this instant; one set for a whole message."""
        if self._shown is None:
            self._shown = self._meters.read(self.panel.read())
        return self._shown

    @query("MEASure[:SCALar]:VOLTage[:DC]")
    def measured_volts(self) -> str:
        """Return the voltage in V."""
        return _plain(self.shown.voltage_v)

    @query("MEASure[:SCALar]:CURRent[:DC]")
    def measured_amps(self) -> str:
        """Return the current in A, below 0 when sinking."""
        return _plain(self.shown.current_a)

    @query("MEASure[:SCALar]:POWer[:DC]")
    def measured_watts(self) -> str:
        """Return the power in W, below 0 when sinking."""
        return _plain(self.shown.power_w)
