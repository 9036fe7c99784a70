"""The front panel of a Keysight RP7900: priorities, protections that latch, delayed switching.

A protection keeps the output off and leaves the programmed state as it is; clearing it brings the
output back to that state (facts/instruments.md A3). Which terms of the guide stay open: changing
the priority changes nothing else here, the switch-off takes no time but its programmed delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto

from instruments.clock import Clock
from rig.virtual.boxes.dc_meters import SupplyRating
from rig.virtual.boxes.delayed_output import DelayedOutput
from rig.virtual.boxes.watchdog import BoxWatchdog
from rig.virtual.ports import SupplyPort, SupplyReading, SupplySetting

__all__ = ["Rp7900Panel", "Rp7900State", "Trip"]

_TURN_ON_S = {"VOLT": 0.012, "CURR": 0.014}
_NEAR = 0.999


class Trip(Flag):
    """Why a protection keeps the output off."""

    OVER_VOLTAGE = auto()
    OVER_CURRENT = auto()
    OVER_TEMPERATURE = auto()
    POWER_FAIL = auto()
    INHIBIT = auto()
    WATCHDOG = auto()
    UNDER_VOLTAGE = auto()


_NONE = Trip(0)
_FROM_INSIDE = Trip.OVER_TEMPERATURE | Trip.POWER_FAIL | Trip.INHIBIT


@dataclass(slots=True)
class Rp7900State:
    """The ``*RST`` state, apart from what the rating sets."""

    on: bool = False
    priority: str = "VOLT"
    voltage_v: float = 0.0
    voltage_limit_v: float = 0.0
    current_a: float = 0.0
    current_limit_a: float = 0.0
    current_limit_negative_a: float = 0.0
    resistance_ohm: float = 0.0
    over_voltage_v: float = 0.0
    over_current_on: bool = False
    under_voltage_v: float = 0.0
    under_voltage_on: bool = False
    under_voltage_delay_s: float = 20.48e-6
    rise_delay_s: float = 0.0
    fall_delay_s: float = 0.0
    watchdog_on: bool = False
    watchdog_s: float = 60.0


class Rp7900Panel:
    """One supply between its terminals and its interfaces."""

    def __init__(self, clock: Clock, port: SupplyPort, rating: SupplyRating) -> None:
        self._clock, self._port, self.rating = clock, port, rating
        self.state = self._start_up()
        self._output = DelayedOutput(clock, look=self.refresh, changed=self._output_changed)
        self.tripped = _NONE
        self._causes = _NONE
        self._low_since_s: float | None = None
        self._watchdog = BoxWatchdog(clock, lambda: self.trip(Trip.WATCHDOG))
        self.apply()

    def _start_up(self) -> Rp7900State:
        rating = self.rating
        return Rp7900State(
            voltage_limit_v=0.01 * rating.voltage_v,
            current_limit_a=0.01 * rating.current_a,
            current_limit_negative_a=-0.01 * rating.current_a,
            over_voltage_v=1.2 * rating.voltage_v,
        )

    def reset(self) -> None:
        """Return to the start-up state; what has tripped stays tripped."""
        fresh = self._start_up()
        for name in fresh.__dataclass_fields__:
            setattr(self.state, name, getattr(fresh, name))
        self._watchdog.disarm()
        self._output.cut()

    def feed(self) -> None:
        """Take note of traffic."""
        self._watchdog.feed()

    def set_watchdog(self) -> None:
        """Arm or disarm the watchdog as the settings say."""
        if self.state.watchdog_on:
            self._watchdog.arm(self.state.watchdog_s)
        else:
            self._watchdog.disarm()

    @property
    def delivering(self) -> bool:
        """Whether the output is on."""
        return self._output.delivering

    @property
    def pending_s(self) -> float:
        """How long the switching under way still takes."""
        return self._output.pending_s

    def switch(self, on: bool) -> None:
        """Begin to switch the output: overlapped, done after the start-up time or the delay."""
        self.state.on = on
        delay_s = self.state.fall_delay_s
        if on:
            delay_s = self.state.rise_delay_s + _TURN_ON_S[self.state.priority]
        self._output.switch(self._wanted, delay_s if on != self.delivering else 0.0)

    def set_cause(self, trip: Trip, present: bool) -> None:
        """Let a fault of the box itself begin or end; only OT, PF and INH come from inside."""
        if trip & ~_FROM_INSIDE:
            raise ValueError(f"{trip} is not a fault of the box itself")
        self._causes = self._causes | trip if present else self._causes & ~trip
        if present:
            self.trip(trip)

    def trip(self, trip: Trip) -> None:
        """Latch a protection: output off, programmed state as it was."""
        self.tripped |= trip
        self._output.cut()

    def clear_protection(self) -> None:
        """Clear what has no cause any more; the output goes back to its programmed state."""
        if not self.tripped:
            return
        self.tripped &= self._causes
        self.set_watchdog()
        if not self.tripped:
            self.switch(self.state.on)

    def refresh(self) -> None:
        """Compare the protections with what stands at the terminals."""
        if not self.delivering:
            return
        reading, state = self._port.read(), self.state
        if reading.voltage_v > state.over_voltage_v:
            self.trip(Trip.OVER_VOLTAGE)
        elif state.over_current_on and reading.regulation == "CC":
            self.trip(Trip.OVER_CURRENT)
        elif self._stays_low(reading.voltage_v):
            self.trip(Trip.UNDER_VOLTAGE)

    def read(self) -> SupplyReading:
        """Return what stands at the terminals now."""
        return self._port.read()

    def apply(self) -> None:
        """Hand the settings to the terminals."""
        state, rating = self.state, self.rating
        by_voltage = state.priority == "VOLT"
        wanted_a = state.current_a
        sourcing = by_voltage or wanted_a >= 0.0
        self._port.apply(
            SupplySetting(
                on=self.delivering,
                voltage_v=state.voltage_v
                if by_voltage
                else state.voltage_limit_v
                if sourcing
                else 0.0,
                source_current_a=state.current_limit_a if by_voltage else max(wanted_a, 0.0),
                source_power_w=rating.power_w,
                sink_current_a=-state.current_limit_negative_a
                if by_voltage
                else max(-wanted_a, 0.0),
                sink_power_w=rating.power_w,
            )
        )

    def limiting(self) -> int:
        """Return 1 at the positive limit, -1 at the negative one, 0 at none."""
        if not self.delivering or self.state.priority != "VOLT":
            return 0
        amps = self._port.read().current_a
        if amps >= _NEAR * self.state.current_limit_a > 0.0:
            return 1
        return -1 if amps <= _NEAR * self.state.current_limit_negative_a < 0.0 else 0

    def _stays_low(self, volts: float) -> bool:
        state, now = self.state, self._clock.now()
        if not state.under_voltage_on or volts >= state.under_voltage_v:
            self._low_since_s = None
            return False
        if self._low_since_s is None:
            self._low_since_s = now
        return now - self._low_since_s >= state.under_voltage_delay_s

    def _wanted(self) -> bool:
        return self.state.on and not self.tripped

    def _output_changed(self) -> None:
        self._low_since_s = None
        self.apply()
