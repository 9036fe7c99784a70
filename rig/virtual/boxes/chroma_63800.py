"""Chroma 63802/63803/63804 AC/DC load, simulated (facts/instruments.md B1).

Not simulated, and refused with -221 when loading starts: the modes VOLT and RECT. Commands whose
long spelling no source gives are taken in their short spelling only. The depth of the error queue
and the shaping mode at power-on are not documented; 16 and ALL stand in for them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.ac_load import LoadMeters, LoadRatings, Protection
from rig.virtual.boxes.chroma_63800_panel import ChromaPanel, ChromaState
from rig.virtual.ports import AcQuantities, LoadPort
from rig.virtual.scpi import (
    Boolean,
    Choice,
    CommonCommands,
    Dialect,
    ErrorQueries,
    Integer,
    Number,
    ScpiError,
    StatusRegisters,
    command,
    query,
)
from rig.virtual.scpi.formats import nr2, on_off

__all__ = ["RATINGS", "Chroma63800"]

RATINGS = {
    "63802": LoadRatings(power_w=1800.0, current_a=18.0, peak_a=54.0),
    "63803": LoadRatings(power_w=3600.0, current_a=36.0, peak_a=108.0),
    "63804": LoadRatings(power_w=4500.0, current_a=45.0, peak_a=135.0),
}

_TURNAROUND_S = 0.050
_RECALL_S = 2.0
_MEMORIES = 100
_MODE_REPLIES = {"RLCP": "RLCPOW"}
_PROTECTION_BITS = {
    Protection.FREQUENCY: 0x001,
    Protection.UNDER_VOLTAGE: 0x004,
    Protection.OVER_VOLTAGE: 0x008,
    Protection.OVER_VOLTAGE_PEAK: 0x010,
    Protection.OVER_CURRENT: 0x020,
    Protection.OVER_CURRENT_PEAK: 0x020,
    Protection.OVER_POWER: 0x040,
    Protection.FREQUENCY_CHANGED: 0x400,
}
_QUESTIONABLE_BITS = {
    Protection.FREQUENCY: 0x01,
    Protection.FREQUENCY_CHANGED: 0x02,
    Protection.UNDER_VOLTAGE: 0x04,
    Protection.OVER_VOLTAGE: 0x08,
    Protection.OVER_VOLTAGE_PEAK: 0x08,
    Protection.OVER_CURRENT: 0x20,
    Protection.OVER_CURRENT_PEAK: 0x20,
    Protection.OVER_POWER: 0x80,
}
_DIALECT = Dialect(queue_in_status_byte=False, power_on_event=False)


class Chroma63800(CommonCommands, ErrorQueries, StatusRegisters):
    """The box on its serial port; ``model`` is one of ``RATINGS``."""

    def __init__(
        self,
        clock: Clock,
        port: LoadPort,
        rng: np.random.Generator,
        *,
        model: str = "63804",
        firmware: str = "1.00",
        turnaround_s: float = _TURNAROUND_S,
    ) -> None:
        ratings = RATINGS[model]
        self.panel = ChromaPanel(clock, port, ratings)
        self._meters = LoadMeters(rng, ratings)
        self._shown: AcQuantities | None = None
        self._saved: dict[int, ChromaState] = {}
        super().__init__(
            _DIALECT, identity=f"Chroma,{model},0,{firmware}", turnaround_s=turnaround_s
        )
        self._bind_levels(ratings)
        self._bind_appliance_models(ratings)
        self._bind_shape_and_timing()
        self._add_meters()

    def _bind_levels(self, ratings: LoadRatings) -> None:
        amps = Number(0.0, ratings.current_a, unit="A")
        watts = Number(0.0, ratings.power_w, unit="W")
        ohms = Number(1.11, 2500.0, unit="OHM")
        slew = Number(4.0, 600.0)
        for pattern, name, kind, digits in (
            ("CURRent", "current_a", amps, 3),
            ("CURRent:DC", "current_dc_a", amps, 3),
            ("CURRent:HIGH", "current_high_a", amps, 3),
            ("CURRent:MAXimum", "current_max_a", amps, 3),
            ("CURRent:MAXimum:DC", "current_max_dc_a", amps, 3),
            ("CURRent:PEAK:MAXimum", "peak_max_a", Number(0.0, ratings.peak_a, unit="A"), 3),
            ("CURRent:RISE", "rise_a_per_ms", slew, 1),
            ("CURRent:FALL", "fall_a_per_ms", slew, 1),
            ("POWer", "power_w", watts, 2),
            ("POWer:DC", "power_dc_w", watts, 2),
            ("POWer:HIGH", "power_high_w", watts, 2),
            ("RESistance", "resistance_ohm", ohms, 2),
            ("RESistance:DC", "resistance_dc_ohm", ohms, 2),
            ("RESistance:RISE", "resistance_rise", slew, 1),
            ("RESistance:FALL", "resistance_fall", slew, 1),
            ("VOLTage:DC", "voltage_dc_v", Number(7.5, 500.0, unit="V"), 2),
        ):
            self._setting(f"[LOAD:]{pattern}", name, kind, digits)

    def _bind_appliance_models(self, ratings: LoadRatings) -> None:
        farads, henries = Number(100.0, 9999.0), Number(0.0, 9999.0)
        loads, series = Number(1.11, 9999.99), Number(0.0, 9.999)
        for node, prefix in (("RLC", "rlc"), ("INR|INRUSH", "inr")):
            self._setting(f"[LOAD:]{node}:CAP", f"{prefix}_cap_uf", farads, 1)
            self._setting(f"[LOAD:]{node}:LS", f"{prefix}_ls_uh", henries, 1)
            self._setting(f"[LOAD:]{node}:RL", f"{prefix}_rl_ohm", loads, 2)
            self._setting(f"[LOAD:]{node}:RS", f"{prefix}_rs_ohm", series, 3)
        self._setting("[LOAD:]RLC:POWer", "rlc_pow_w", Number(100.0, ratings.power_w, unit="W"), 2)
        self._setting("[LOAD:]RLC:PFACtor", "rlc_pfac", Number(0.4, 0.75), 3)
        self._setting("[LOAD:]INR|INRUSH:PHASe", "inr_phase_deg", Number(0.0, 359.0), 1)

    def _bind_shape_and_timing(self) -> None:
        state = self.panel.state
        shape = Number(1.414, 5.0)
        self._setting("[LOAD:]CFACtor", "crest_factor", shape, 3)
        self._setting("[LOAD:]CFACtor:DC", "crest_factor_dc", shape, 3)
        self._setting("[LOAD:]PFACtor", "power_factor", Number(-1.0, 1.0), 3)
        self._setting("[LOAD:]FREQuency:DC", "frequency_dc_hz", Number(40.0, 440.0), 1)
        self._setting("[LOAD:]TIME:TOUT", "timing_limit_s", Number(0.0, 215999.0), 0)
        self._setting("[LOAD:]TIME:VCUT", "timing_v", Number(0.0, 500.0), 1)
        timing = Choice("OFF", "HOLD", "TRANsfer")
        self.bind("[LOAD:]TIME:MODE", state, "timing", timing, str)
        priority = Choice("CF", "PF")
        self.bind("SYSTem:SETup|SETU:CFPF:PRIOrity", state, "priority", priority, str)
        self.bind("[LOAD:]SYNC:DC", state, "sync_dc", Boolean(), on_off)
        self.bind("[LOAD:]SCIR", state, "short", Boolean(), on_off, after=self._apply)
        self.bind("[LOAD:]ABA", state, "auto_bandwidth", Boolean(), on_off)
        self.bind("PHASe:SEL", state, "phase", Choice("ALL", "A", "B", "C"), str)

    def _add_meters(self) -> None:
        for pattern, reading, digits in _METERS:
            self.add_query(f"MEASure|FETCh:{pattern}", _Shown(self, reading, digits))

    def _setting(self, pattern: str, name: str, kind: Number, digits: int) -> None:
        self.bind(pattern, self.panel.state, name, kind, nr2(digits), after=self._apply)

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
        self.questionable.update(_bits(self.panel.tripped, _QUESTIONABLE_BITS))

    @command("LOAD", Boolean())
    def switch_load(self, on: bool) -> None:
        """Start or stop loading."""
        self.panel.switch(on)
        self._shown = None

    @query("LOAD")
    def loading(self) -> str:
        """Say whether it loads."""
        return on_off(self.panel.state.on)

    @command(
        "[LOAD:]MODE",
        Choice(
            "CURRent", "POWer", "VOLTage", "RESistance", "RLC", "RLCPow", "INRUSH", "RECT",
            numbered=True,
        ),
    )  # fmt: skip
    def set_mode(self, mode: str) -> None:
        """Choose what is kept constant."""
        self.panel.set_mode(mode)

    @query("[LOAD:]MODE")
    def mode(self) -> str:
        """Return the mode."""
        mode = self.panel.state.mode
        return _MODE_REPLIES.get(mode, mode)

    @command("SYSTem:SETup|SETU:MODE", Choice("AC", "DC"))
    def set_coupling(self, coupling: str) -> None:
        """Choose AC or DC."""
        self.panel.set_coupling(coupling)

    @query("SYSTem:SETup|SETU:MODE")
    def coupling(self) -> str:
        """Return AC or DC."""
        return self.panel.state.coupling

    @command("SYSTem:SETup|SETU:CFPF:MODE", Choice("CF", "PF", "ALL", "BOTH"))
    def set_shaping(self, shaping: str) -> None:
        """Choose which of crest factor and power factor is in effect."""
        self.panel.state.shaping = "CF" if shaping == "CF" else "PF" if shaping == "PF" else "ALL"
        self._apply()

    @query("SYSTem:SETup|SETU:CFPF:MODE")
    def shaping(self) -> str:
        """Return which of them is in effect."""
        return self.panel.state.shaping

    @command("SYSTem:DEFault:RECAll", Boolean())
    def recall_defaults(self, on: bool) -> None:
        """Return to the factory's settings, which takes about 2 s."""
        if on:
            self.reset()
            self.charge(_RECALL_S)

    @command("*SAV", Integer(1, _MEMORIES))
    def save(self, number: int) -> None:
        """Keep the settings under a number."""
        self._saved[number] = self.panel.copy_settings()

    @command("*RCL", Integer(1, _MEMORIES))
    def recall(self, number: int) -> None:
        """Restore kept settings, unloaded; -221 where none were kept."""
        if number not in self._saved:
            raise ScpiError(-221)
        self.panel.restore_settings(self._saved[number])

    @query("PARallel:STATe")
    def parallel(self) -> str:
        """Say that no second box runs in parallel."""
        return "0"

    # -- protection --------------------------------------------------------------------------

    @query("[LOAD:]PROTection")
    def protection(self) -> str:
        """Return why loading stopped."""
        return str(_bits(self.panel.tripped, _PROTECTION_BITS))

    @command("[LOAD:]PROTection:CLEar")
    def clear_protection(self) -> None:
        """Forget why loading stopped."""
        self.panel.clear_protection()
        self._follow_registers()

    # -- meters ------------------------------------------------------------------------------

    @property
    def reading(self) -> AcQuantities:
        """What the meters show at this instant; one set for a whole message."""
        if self._shown is None:
            self._shown = self._meters.read(self.panel.now)
        return self._shown


class _Shown:
    """One meter query."""

    def __init__(
        self, box: Chroma63800, reading: Callable[[Chroma63800], float], digits: int
    ) -> None:
        self._box, self._reading, self._format = box, reading, nr2(digits)

    def __call__(self) -> str:
        return self._format(self._reading(self._box))


def _over(value: float, by: float) -> float:
    return value / by if by else 0.0


def _bits(tripped: Protection, table: dict[Protection, int]) -> int:
    bits = 0
    for protection, bit in table.items():
        if protection & tripped:
            bits |= bit
    return bits


# after MEASure: or FETCh:, in V, A, W, var, ohm, Hz, ms or percent, with so many decimals
_METERS: tuple[tuple[str, Callable[[Chroma63800], float], int], ...] = (
    ("CURRent", lambda box: box.reading.current_a, 3),
    ("CURRent:AMPLitude:MAXimum", lambda box: box.panel.highest.current_a, 3),
    ("CURRent:CRESt", lambda box: _over(box.reading.current_peak_a, box.reading.current_a), 4),
    ("CURRent:PEAK:POSitive", lambda box: box.reading.current_peak_a, 3),
    ("CURRent:PEAK:NEGative", lambda box: -box.reading.current_peak_a, 3),
    ("FREQuency", lambda box: box.reading.frequency_hz, 3),
    ("POWer", lambda box: box.reading.power_w, 2),
    ("POWer:AMPLitude:MAXimum", lambda box: box.panel.highest.power_w, 2),
    ("POWer:APParent", lambda box: box.reading.apparent_va, 2),
    ("POWer:PFACtor", lambda box: min(box.reading.power_factor, 1.0), 4),
    ("POWer:REACtive", lambda box: box.reading.reactive_var, 2),
    ("RESistance", lambda box: _over(box.reading.voltage_v, box.reading.current_a), 2),
    ("VOLTage", lambda box: box.reading.voltage_v, 2),
    ("VOLTage:AMPLitude:MAXimum", lambda box: box.panel.highest_v, 2),
    ("VOLTage:DC", lambda box: box.reading.voltage_dc_v, 2),
    ("VOLTage:THD", lambda box: box.reading.voltage_thd_percent, 2),
    ("VOLTage:OVER", lambda box: box.panel.highest_v, 2),
    ("VOLTage:UNDer", lambda box: box.panel.lowest_v, 2),
    ("TIME:HOLD", lambda box: box.panel.hold_s * 1e3, 1),
    ("TIME:TRANsfer", lambda box: box.panel.transfer_s * 1e3, 1),
    ("RLC:SET:CAP", lambda box: box.panel.state.rlc_cap_uf, 1),
    ("RLC:SET:LS", lambda box: box.panel.state.rlc_ls_uh, 1),
    ("RLC:SET:RL", lambda box: box.panel.state.rlc_rl_ohm, 2),
    ("RLC:SET:RS", lambda box: box.panel.state.rlc_rs_ohm, 3),
)
