"""The front panel of an electronic AC load: settings, protections, timing; no wire grammar.

Chroma 63800 and ITECH IT8600 share what is in here (facts/instruments.md B1, B2): ratings, the
rule that a protection unloads the box by itself, and what the settings mean at the terminals.
"""

from __future__ import annotations

import copy
import enum
import math
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import numpy as np

from instruments.clock import Clock, ScheduledCall
from rig.virtual.boxes.meter import Meter, MeterClass
from rig.virtual.ports import AcQuantities, LoadPort, LoadSetting
from rig.virtual.scpi import ScpiError

__all__ = ["AcLoadPanel", "LoadMeters", "LoadRatings", "LoadState", "Protection"]

SINE_CREST = math.sqrt(2.0)
_TIMING_STEP_S = 0.005
_OVER = 1.05
"""A limit trips above this multiple, so that the largest setting itself does not."""


class Protection(enum.Flag):
    """Why a load unloaded itself."""

    NONE = 0
    FREQUENCY = enum.auto()
    UNDER_VOLTAGE = enum.auto()
    OVER_VOLTAGE = enum.auto()
    OVER_VOLTAGE_PEAK = enum.auto()
    OVER_CURRENT = enum.auto()
    OVER_CURRENT_PEAK = enum.auto()
    OVER_POWER = enum.auto()
    FREQUENCY_CHANGED = enum.auto()


@dataclass(frozen=True, slots=True)
class LoadRatings:
    """What a load may carry, and the window of voltage and frequency in which it loads."""

    power_w: float
    current_a: float
    peak_a: float
    min_ac_v: float = 45.0
    max_ac_v: float = 350.0
    max_peak_v: float = 600.0
    min_dc_v: float = 7.5
    min_hz: float = 45.0
    max_hz: float = 440.0


@dataclass(slots=True)
class LoadState:
    """The start-up state of every AC load: off, AC, constant current of nothing."""

    on: bool = False
    coupling: str = "AC"
    mode: str = "CURR"
    current_a: float = 0.0
    power_w: float = 0.0
    resistance_ohm: float = 2500.0
    power_factor: float = 1.0
    crest_factor: float = 1.414
    shaping: Literal["CF", "PF", "ALL"] = "ALL"
    priority: Literal["CF", "PF"] = "PF"
    timing: Literal["OFF", "HOLD", "TRAN"] = "OFF"
    timing_limit_s: float = 0.0
    timing_v: float = 0.0


@dataclass(slots=True)
class _Timing:
    started_s: float = 0.0
    lost_s: float | None = None
    back_s: float | None = None
    calls: list[ScheduledCall] = field(default_factory=list)


State = TypeVar("State", bound=LoadState)


class AcLoadPanel(Generic[State]):
    """One load: what is set, what it does at its port, what made it stop."""

    def __init__(self, clock: Clock, port: LoadPort, ratings: LoadRatings, state: State) -> None:
        self.clock, self.port, self.ratings = clock, port, ratings
        self._start_up = copy.copy(state)
        self.state = state
        self.tripped = Protection.NONE
        self.now = port.read()
        self._sent: LoadSetting | None = None
        self._timing = _Timing()
        self._loaded_hz = 0.0

    def reset(self) -> None:
        """Return to the start-up state; a latched protection stays."""
        self._stop_timing()
        self.restore_settings(self._start_up)

    def copy_settings(self) -> State:
        """Return the present settings, to be restored later."""
        return copy.copy(self.state)

    def restore_settings(self, settings: State) -> None:
        """Take over kept settings; the load is off afterwards."""
        for name in settings.__dataclass_fields__:
            setattr(self.state, name, getattr(settings, name))
        self.state.on = False
        self.apply()

    def setting(self) -> LoadSetting:
        """Return what the settings ask of the terminals; -221 for what is not simulated."""
        state = self.state
        if state.mode == "CURR":
            return self._shaped("current", state.current_a)
        if state.mode == "POW":
            return self._shaped("power", state.power_w)
        if state.mode == "RES":
            return LoadSetting(state.on, "resistance", state.resistance_ohm)
        raise ScpiError(-221)

    def apply(self) -> None:
        """Act at the terminals on what is set."""
        self._send()
        self.now = self.port.read()

    def switch(self, on: bool) -> None:
        """Load or unload; -221 while a protection is latched."""
        if on and self.tripped:
            raise ScpiError(-221)
        if on == self.state.on:
            return
        self.state.on = on
        try:
            self.apply()
        except ScpiError:
            self.state.on = False
            raise
        self._loaded_hz = self.now.frequency_hz
        if on:
            self._start_timing()
        else:
            self._stop_timing()

    def refresh(self) -> None:
        """Read the terminals; unload where a limit is passed."""
        self.now = self.port.read()
        if not self.state.on:
            return
        violated = self._violations()
        if violated:
            self.tripped |= violated
            self.state.on = False
            self._follow_timing()
            self._stop_timing()
            self._send()

    def clear_protection(self) -> None:
        """Forget why the load stopped."""
        self.tripped = Protection.NONE

    @property
    def hold_s(self) -> float:
        """How long the voltage stood after loading began; 0 while it still stands."""
        lost = self._timing.lost_s
        return 0.0 if lost is None else lost - self._timing.started_s

    @property
    def transfer_s(self) -> float:
        """How long the voltage was gone; 0 before it came back."""
        timing = self._timing
        if timing.lost_s is None or timing.back_s is None:
            return 0.0
        return timing.back_s - timing.lost_s

    def _send(self) -> None:
        """Tell the terminals, when it is news: each setting there costs a solution."""
        setting = self.setting()
        if setting != self._sent:
            self.port.apply(setting)
            self._sent = setting

    def _shaped(self, mode: Literal["current", "power"], level: float) -> LoadSetting:
        state = self.state
        power_factor = state.power_factor if state.shaping != "CF" else 1.0
        crest_factor = state.crest_factor if state.shaping != "PF" else SINE_CREST
        return LoadSetting(state.on, mode, level, power_factor, crest_factor)

    def _violations(self) -> Protection:
        q, limit = self.now, self.ratings
        found = Protection.NONE
        if self.state.coupling == "DC":
            if self._dc_volts(q) < limit.min_dc_v:
                found |= Protection.UNDER_VOLTAGE
        elif q.voltage_v < limit.min_ac_v:
            found |= Protection.UNDER_VOLTAGE
        else:
            found |= self._frequency_violations(q)
        for value, highest, name in (
            (q.voltage_v, limit.max_ac_v, Protection.OVER_VOLTAGE),
            (q.voltage_peak_v, limit.max_peak_v, Protection.OVER_VOLTAGE_PEAK),
            (q.current_a, limit.current_a * _OVER, Protection.OVER_CURRENT),
            (q.current_peak_a, limit.peak_a * _OVER, Protection.OVER_CURRENT_PEAK),
            (q.power_w, limit.power_w * _OVER, Protection.OVER_POWER),
        ):
            if value > highest:
                found |= name
        return found & ~self._allowed()

    def _allowed(self) -> Protection:
        """Hold-up and transfer tests wait for the voltage to go; that is no fault then."""
        if self.state.timing == "OFF":
            return Protection.NONE
        return Protection.UNDER_VOLTAGE | Protection.FREQUENCY | Protection.FREQUENCY_CHANGED

    def _frequency_violations(self, q: AcQuantities) -> Protection:
        if not self.ratings.min_hz <= q.frequency_hz <= self.ratings.max_hz:
            return Protection.FREQUENCY
        if self._loaded_hz and abs(q.frequency_hz - self._loaded_hz) > 0.1 * self._loaded_hz:
            return Protection.FREQUENCY_CHANGED
        return Protection.NONE

    @staticmethod
    def _dc_volts(q: AcQuantities) -> float:
        return abs(q.voltage_dc_v) if q.frequency_hz else max(q.voltage_v, abs(q.voltage_dc_v))

    def _start_timing(self) -> None:
        self._stop_timing()
        self._timing = _Timing(started_s=self.clock.now())
        if self.state.timing != "OFF":
            self._timing.calls.append(self.clock.call_every(_TIMING_STEP_S, self._follow_timing))

    def _stop_timing(self) -> None:
        for call in self._timing.calls:
            call.cancel()
        self._timing.calls.clear()

    def _follow_timing(self) -> None:
        """Note when the voltage goes below the set one and comes back."""
        timing, now = self._timing, self.clock.now()
        if self.state.timing == "OFF":
            return
        gone = self.port.read().voltage_v < max(self.state.timing_v, 1.0)
        if gone and timing.lost_s is None:
            timing.lost_s = now
        if timing.lost_s is not None and not gone and timing.back_s is None:
            timing.back_s = now
        wanted = timing.lost_s if self.state.timing == "HOLD" else timing.back_s
        late = 0.0 < self.state.timing_limit_s <= now - timing.started_s
        if wanted is not None or late:
            self._stop_timing()


class LoadMeters:
    """The meters of one load; accuracy as usual in the class, 0.1 % + 0.1 % of range."""

    def __init__(self, rng: np.random.Generator, ratings: LoadRatings) -> None:
        self._volts = Meter(rng, MeterClass(0.0005, 0.05, 0.01))
        self._amps = Meter(rng, MeterClass(0.001, 0.0005 * ratings.current_a, 0.001))
        self._watts = Meter(rng, MeterClass(0.001, 0.0005 * ratings.power_w, 0.1))
        self._hertz = Meter(rng, MeterClass(0.0001, 0.0, 0.0005))

    def read(self, q: AcQuantities) -> AcQuantities:
        """Return the quantities as this load shows them, all from one instant."""
        loaded = q.current_a > 0.0
        amps = max(self._amps.read(q.current_a), 0.0) if loaded else 0.0
        scale = amps / q.current_a if loaded else 0.0
        return AcQuantities(
            voltage_v=max(self._volts.read(q.voltage_v), 0.0),
            current_a=amps,
            power_w=self._watts.read(q.power_w) if loaded else 0.0,
            reactive_var=q.reactive_var * scale,
            frequency_hz=self._hertz.read(q.frequency_hz) if q.frequency_hz else 0.0,
            voltage_peak_v=max(self._volts.read(q.voltage_peak_v), 0.0),
            current_peak_a=q.current_peak_a * scale,
            voltage_thd_percent=q.voltage_thd_percent,
            voltage_dc_v=self._volts.read(q.voltage_dc_v),
            current_dc_a=q.current_dc_a * scale,
        )
