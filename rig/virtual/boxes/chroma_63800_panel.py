"""The front panel of a Chroma 63800 load: its modes, its limits, its appliance models (B1)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from instruments.clock import Clock
from rig.virtual.boxes.ac_load import AcLoadPanel, LoadRatings, LoadState
from rig.virtual.ports import LoadPort, LoadSetting
from rig.virtual.scpi import ScpiError

__all__ = ["ChromaPanel", "ChromaState"]

_DC_ONLY = {"VOLT", "RECT"}
_AC_ONLY = {"RLC", "RLCP", "INRUSH"}
_RECTIFIER_CREST = 2.5
_RECTIFIER_POWER_FACTOR = 0.65


@dataclass(slots=True)
class ChromaState(LoadState):
    """The start-up state; fields beyond the shared ones are this box's own settings."""

    current_dc_a: float = 0.0
    current_high_a: float = math.inf
    current_max_a: float = math.inf
    current_max_dc_a: float = math.inf
    peak_max_a: float = math.inf
    rise_a_per_ms: float = 600.0
    fall_a_per_ms: float = 600.0
    power_dc_w: float = 0.0
    power_high_w: float = math.inf
    resistance_dc_ohm: float = 2500.0
    resistance_rise: float = 600.0
    resistance_fall: float = 600.0
    voltage_dc_v: float = 500.0
    crest_factor_dc: float = 1.414
    rlc_cap_uf: float = 9999.0
    rlc_ls_uh: float = 0.0
    rlc_rl_ohm: float = 9999.99
    rlc_rs_ohm: float = 0.0
    rlc_pow_w: float = 100.0
    rlc_pfac: float = 0.65
    inr_cap_uf: float = 9999.0
    inr_ls_uh: float = 0.0
    inr_rl_ohm: float = 9999.99
    inr_rs_ohm: float = 0.0
    inr_phase_deg: float = 0.0
    sync_dc: bool = False
    frequency_dc_hz: float = 50.0
    short: bool = False
    auto_bandwidth: bool = True
    phase: str = "ALL"


class ChromaPanel(AcLoadPanel[ChromaState]):
    """The load with Chroma's own modes and limits."""

    def __init__(self, clock: Clock, port: LoadPort, ratings: LoadRatings) -> None:
        full = ChromaState(
            current_high_a=ratings.current_a,
            current_max_a=ratings.current_a,
            current_max_dc_a=ratings.current_a,
            peak_max_a=ratings.peak_a,
            power_high_w=ratings.power_w,
        )
        super().__init__(clock, port, ratings, full)
        self.highest = self.now
        self.highest_v = self.lowest_v = 0.0
        self._restart_extremes()

    def setting(self) -> LoadSetting:
        """Return what the mode asks of the terminals."""
        state = self.state
        dc = state.coupling == "DC"
        if state.short and state.mode in {"CURR", "POW", "RES"}:
            return LoadSetting(state.on, "current", self.ratings.current_a)
        if state.mode == "CURR":
            amps = state.current_dc_a if dc else state.current_a
            return self._shaped("current", min(amps, state.current_high_a))
        if state.mode == "POW":
            watts = state.power_dc_w if dc else state.power_w
            return self._shaped("power", min(watts, state.power_high_w))
        if state.mode == "RES":
            return LoadSetting(state.on, "resistance", self._limited_ohm(dc=dc))
        return self._appliance()

    def set_coupling(self, coupling: str) -> None:
        """Change between AC and DC; only while unloaded."""
        if self.state.on:
            raise ScpiError(-221)
        self.state.coupling = coupling
        if self.state.mode in (_AC_ONLY if coupling == "DC" else _DC_ONLY):
            self.state.mode = "CURR"

    def set_mode(self, mode: str) -> None:
        """Change the mode; -221 for one that AC or DC does not have."""
        if mode in (_AC_ONLY if self.state.coupling == "DC" else _DC_ONLY):
            raise ScpiError(-221)
        self.state.mode = mode
        self.apply()

    def switch(self, on: bool) -> None:
        """Load or unload; extremes are counted from the start of loading."""
        super().switch(on)
        if on:
            self._restart_extremes()

    def refresh(self) -> None:
        """Read the terminals, keep the extremes."""
        super().refresh()
        if self.state.on:
            self.highest_v = max(self.highest_v, self.now.voltage_v)
            self.lowest_v = min(self.lowest_v, self.now.voltage_v)
            if self.now.current_a > self.highest.current_a:
                self.highest = self.now

    def _appliance(self) -> LoadSetting:
        """Return a rectifier with its capacitor as power or resistance with a usual crest."""
        state = self.state
        if state.mode == "RLCP":
            level, factor = state.rlc_pow_w, state.rlc_pfac
            return LoadSetting(state.on, "power", level, factor, _RECTIFIER_CREST)
        if state.mode in _AC_ONLY:
            ohm = state.rlc_rl_ohm if state.mode == "RLC" else state.inr_rl_ohm
            factor = _RECTIFIER_POWER_FACTOR
            return LoadSetting(state.on, "resistance", ohm, factor, _RECTIFIER_CREST)
        if state.on:
            raise ScpiError(-221, "mode not simulated")
        return LoadSetting(False, "current", 0.0)

    def _limited_ohm(self, *, dc: bool) -> float:
        """Return the resistance, raised where it would draw more than CURR:MAX."""
        state = self.state
        ohm = state.resistance_dc_ohm if dc else state.resistance_ohm
        limit = state.current_max_dc_a if dc else state.current_max_a
        return max(ohm, self.now.voltage_v / limit) if limit > 0 else ohm

    def _restart_extremes(self) -> None:
        self.highest = self.now
        self.highest_v = self.lowest_v = self.now.voltage_v
