"""ITECH IT8600 AC/DC load, simulated (facts/instruments.md B2).

No source names a command that clears a protection: here the next ``INPut`` does. The mode VOLT
(constant voltage, DC) can be set but not loaded (-221). Model, ratings, limits of resistance and
delay, and the six identity fields stand in for undocumented ones. The built-in scope shows the
fundamental of what the meters read. ``MEASure:VOLTage:HARMonic`` is left out: its reply is not
documented.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.ac_load import AcLoadPanel, LoadMeters, LoadRatings, LoadState, Protection
from rig.virtual.ports import AcQuantities, LoadPort, LoadSetting
from rig.virtual.scpi import (
    Boolean,
    Choice,
    CommonCommands,
    Dialect,
    ErrorQueries,
    Number,
    ScpiError,
    StatusRegisters,
    command,
    query,
)
from rig.virtual.scpi.formats import nr3, zero_one

__all__ = ["RATINGS", "ItechIt8600"]

RATINGS = LoadRatings(power_w=3600.0, current_a=30.0, peak_a=90.0)

_TURNAROUND_S = 0.020
_TEMPERATURE_C = 31.0
_SCOPE_POINTS = 500
_SCOPE_PERIODS = 2
_nr3 = nr3(6)
_QUESTIONABLE_BITS = {
    Protection.FREQUENCY: 0x001,
    Protection.FREQUENCY_CHANGED: 0x001,
    Protection.UNDER_VOLTAGE: 0x002,
    Protection.OVER_VOLTAGE: 0x008,
    Protection.OVER_VOLTAGE_PEAK: 0x008,
    Protection.OVER_CURRENT_PEAK: 0x010,
    Protection.OVER_CURRENT: 0x020,
    Protection.OVER_POWER: 0x040,
}
_UNDER_AC, _UNDER_DC = 0x002, 0x004


@dataclass(slots=True)
class _State(LoadState):
    """The start-up state with this box's own settings."""

    voltage_v: float = 0.0
    power_max_w: float = math.inf
    current_protection_a: float = math.inf
    current_protection_delay_s: float = 0.0
    current_protection_on: bool = False
    power_protection_w: float = math.inf
    wave_source: str = "VOLT"
    wave_slope: str = "POS"
    wave_level_v: float = 0.0
    wave_level_a: float = 0.0


class _Panel(AcLoadPanel[_State]):
    """The load with ITECH's own limits."""

    def __init__(self, clock: Clock, port: LoadPort, ratings: LoadRatings) -> None:
        full = _State(
            power_max_w=ratings.power_w,
            current_protection_a=ratings.current_a,
            power_protection_w=ratings.power_w,
        )
        self._over_since_s: float | None = None
        super().__init__(clock, port, ratings, full)

    def setting(self) -> LoadSetting:
        """Return what the function asks of the terminals; SHORt draws the rated current."""
        state = self.state
        if state.mode == "SHOR":
            return LoadSetting(state.on, "current", self.ratings.current_a)
        if state.mode == "POW":
            return self._shaped("power", min(state.power_w, state.power_max_w))
        if state.mode == "VOLT" and not state.on:
            return LoadSetting(False, "current", 0.0)
        return super().setting()

    def switch(self, on: bool) -> None:
        """Load or unload; either forgets why it stopped before."""
        self.clear_protection()
        super().switch(on)

    def set_coupling(self, coupling: str) -> None:
        """Change between AC and DC; only while unloaded."""
        if self.state.on:
            raise ScpiError(-221)
        self.state.coupling = coupling

    def _violations(self) -> Protection:
        found = super()._violations()
        state, q = self.state, self.now
        if state.current_protection_on and q.current_a > state.current_protection_a:
            since = self._over_since_s if self._over_since_s is not None else self.clock.now()
            self._over_since_s = since
            if self.clock.now() - since >= state.current_protection_delay_s:
                found |= Protection.OVER_CURRENT
        else:
            self._over_since_s = None
        if q.power_w > state.power_protection_w * 1.01:
            found |= Protection.OVER_POWER
        return found


class ItechIt8600(CommonCommands, ErrorQueries, StatusRegisters):
    """The box on its socket; ``ratings`` and ``model`` say which of the series it is."""

    def __init__(
        self,
        clock: Clock,
        port: LoadPort,
        rng: np.random.Generator,
        *,
        ratings: LoadRatings = RATINGS,
        model: str = "IT8616",
        serial: str = "800001011777210001",
        firmware: str = "1.02",
        turnaround_s: float = _TURNAROUND_S,
    ) -> None:
        self._clock = clock
        self.panel = _Panel(clock, port, ratings)
        self._meters = LoadMeters(rng, ratings)
        self._shown: AcQuantities | None = None
        self._started_s = 0.0
        self._wave: AcQuantities | None = None
        self._wave_runs = True
        identity = f"ITECH Ltd.,{model},{serial},{firmware},{firmware},{firmware}"
        super().__init__(
            Dialect(power_on_event=False), identity=identity, turnaround_s=turnaround_s
        )
        self._bind_levels(ratings)
        self._bind_limits(ratings)
        self._bind_scope(ratings)

    def _bind_levels(self, ratings: LoadRatings) -> None:
        amps = Number(0.0, ratings.current_a, unit="A", default=0.0)
        watts = Number(0.0, ratings.power_w, unit="W", default=0.0)
        ohms = Number(1.0, 2500.0, unit="OHM", default=2500.0)
        volts = Number(0.0, ratings.max_ac_v, unit="V", default=0.0)
        for node, name, kind in (
            ("CURRent", "current_a", amps),
            ("RESistance", "resistance_ohm", ohms),
            ("VOLTage", "voltage_v", volts),
            ("POWer", "power_w", watts),
        ):
            self._setting(f"[SOURce:]{node}[:LEVel][:IMMediate][:AMPLitude]", name, kind)
        self._setting("[SOURce:]PFACtor", "power_factor", Number(-1.0, 1.0, default=1.0))
        self._setting("[SOURce:]CFACtor", "crest_factor", Number(1.414, 5.0, default=1.414))

    def _bind_limits(self, ratings: LoadRatings) -> None:
        state = self.panel.state
        amps = Number(0.0, ratings.current_a, unit="A", default=ratings.current_a)
        watts = Number(0.0, ratings.power_w, unit="W", default=ratings.power_w)
        self._setting("[SOURce:]POWer:MAXimum", "power_max_w", watts)
        self._setting("[SOURce:]POWer:PROTection[:LEVel]", "power_protection_w", watts)
        self._setting("[SOURce:]CURRent:PROTection[:LEVel]", "current_protection_a", amps)
        delay = Number(0.0, 60.0, unit="S", default=0.0)
        self._setting("[SOURce:]CURRent:PROTection:DELay", "current_protection_delay_s", delay)
        header = "[SOURce:]CURRent:PROTection:STATe"
        self.bind(header, state, "current_protection_on", Boolean(), zero_one)
        priority = Choice("PF", "CF")
        self.bind("SYSTem:CFPF:PRIority", state, "priority", priority, str)

    def _bind_scope(self, ratings: LoadRatings) -> None:
        state = self.panel.state
        source, slope = Choice("VOLTage", "CURRent"), Choice("POSitive", "NEGative")
        self.bind("WAVE:TRIGger:SOURce", state, "wave_source", source, str)
        self.bind("WAVE:TRIGger:SLOPe", state, "wave_slope", slope, str)
        volts = Number(-ratings.max_peak_v, ratings.max_peak_v, unit="V")
        amps = Number(-ratings.peak_a, ratings.peak_a, unit="A")
        self.bind("WAVE:TRIGger:VOLTage:LEVel", state, "wave_level_v", volts, _nr3)
        self.bind("WAVE:TRIGger:CURRent:LEVel", state, "wave_level_a", amps, _nr3)

    def _setting(self, pattern: str, name: str, kind: Number) -> None:
        self.bind(pattern, self.panel.state, name, kind, _nr3, after=self._apply)

    # -- front panel -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the terminals, let protections act, follow the registers."""
        self.panel.refresh()
        self._shown = None
        self._follow_registers()

    def reset(self) -> None:
        """Return to the start-up state."""
        self.panel.reset()
        self._shown = None

    def _apply(self) -> None:
        self.panel.apply()
        self._shown = None

    def _follow_registers(self) -> None:
        bits, tripped = 0, self.panel.tripped
        if tripped:
            for protection, bit in _QUESTIONABLE_BITS.items():
                if protection & tripped:
                    bits |= bit
        if bits & _UNDER_AC and self.panel.state.coupling == "DC":
            bits ^= _UNDER_AC | _UNDER_DC
        self.questionable.update(bits)

    @command("SYSTem:REMote")
    def remote(self) -> None:
        """Take remote control."""

    @command("SYSTem:LOCal")
    def local(self) -> None:
        """Give the front panel back."""

    @command("SYSTem:MODE", Choice("AC", "DC"))
    def set_coupling(self, coupling: str) -> None:
        """Choose AC or DC."""
        self.panel.set_coupling(coupling)

    @query("SYSTem:MODE")
    def coupling(self) -> str:
        """Return AC or DC."""
        return self.panel.state.coupling

    @command("[SOURce:]FUNCtion", Choice("CURRent", "RESistance", "VOLTage", "POWer", "SHORt"))
    def set_function(self, function: str) -> None:
        """Choose what is kept constant."""
        before, self.panel.state.mode = self.panel.state.mode, function
        try:
            self._apply()
        except ScpiError:
            self.panel.state.mode = before
            raise

    @query("[SOURce:]FUNCtion")
    def function(self) -> str:
        """Return what is kept constant."""
        return self.panel.state.mode

    @command("INPut[:STATe]", Boolean())
    def switch_input(self, on: bool) -> None:
        """Start or stop loading."""
        self.panel.switch(on)
        self._started_s = self._clock.now()
        self._shown = None
        self._follow_registers()

    @query("INPut[:STATe]")
    def input_state(self) -> str:
        """Say whether it loads."""
        return zero_one(self.panel.state.on)

    # -- meters ------------------------------------------------------------------------------

    @property
    def reading(self) -> AcQuantities:
        """What the meters show at this instant; one set for a whole message."""
        if self._shown is None:
            self._shown = self._meters.read(self.panel.now)
        return self._shown

    @query("MEASure:VOLTage:RMS")
    def volts(self) -> str:
        """Return the RMS voltage in V."""
        return _nr3(self.reading.voltage_v)

    @query("MEASure:CURRent:RMS")
    def amps(self) -> str:
        """Return the RMS current in A."""
        return _nr3(self.reading.current_a)

    @query("MEASure:POWer")
    def watts(self) -> str:
        """Return the active power in W."""
        return _nr3(self.reading.power_w)

    @query("MEASure:POWer:PFACtor")
    def measured_power_factor(self) -> str:
        """Return active by apparent power."""
        return _nr3(min(self.reading.power_factor, 1.0))

    @query("MEASure:CURRent:CFACtor")
    def measured_crest_factor(self) -> str:
        """Return the crest factor of the current."""
        return _nr3(_crest(self.reading))

    @query("MEASure:FREQuency")
    def hertz(self) -> str:
        """Return the frequency in Hz."""
        return _nr3(self.reading.frequency_hz)

    @query("MEASure")
    def everything(self) -> str:
        """Return the 19 values of one instant, elapsed time and temperature last."""
        q, on = self.reading, self.panel.state.on
        ohms = q.voltage_v / q.current_a if q.current_a else 0.0
        elapsed_s = self._clock.now() - self._started_s if on else 0.0
        values = (
            q.current_dc_a, q.current_a, q.current_peak_a, q.current_peak_a, -q.current_peak_a,
            q.voltage_dc_v, q.voltage_v, q.voltage_peak_v, q.power_w, q.apparent_va,
            q.reactive_var, q.power_w, ohms, q.frequency_hz, _crest(q), min(q.power_factor, 1.0),
            q.voltage_thd_percent, elapsed_s, _TEMPERATURE_C,
        )  # fmt: skip
        return ",".join(map(_nr3, values))

    # -- built-in scope ----------------------------------------------------------------------

    @command("WAVE:RUN")
    def run_scope(self) -> None:
        """Show the present waves."""
        self._wave_runs = True

    @command("WAVE:SINGle")
    def single_shot(self) -> None:
        """Keep the waves of now."""
        self._wave, self._wave_runs = self.reading, False

    @command("WAVE:STOP")
    def stop_scope(self) -> None:
        """Keep the waves of now."""
        self.single_shot()

    @query("WAVE:VOLTage:DATA")
    def wave_of_voltage(self) -> str:
        """Return two periods of the voltage in V."""
        return self._sine("voltage")

    @query("WAVE:CURRent:DATA")
    def wave_of_current(self) -> str:
        """Return two periods of the current in A."""
        return self._sine("current")

    def _sine(self, quantity: Literal["voltage", "current"]) -> str:
        q = self.reading if self._wave_runs or self._wave is None else self._wave
        lag = math.atan2(q.reactive_var, q.power_w) if quantity == "current" else 0.0
        peak = math.sqrt(2.0) * (q.current_a if quantity == "current" else q.voltage_v)
        turns = np.linspace(0.0, _SCOPE_PERIODS, _SCOPE_POINTS, endpoint=False)
        return ",".join(map(_nr3, (peak * np.sin(math.tau * turns - lag)).tolist()))


def _crest(q: AcQuantities) -> float:
    return q.current_peak_a / q.current_a if q.current_a else 0.0
