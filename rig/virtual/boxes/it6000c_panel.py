"""The front panel of an ITECH IT6000C: two priorities that alias each other's limits, protections.

Coupling as observed on hardware (facts/instruments.md A2): the voltage limits are writable in CC
priority only, the current limits in CV priority only; changing the priority copies the value that
acted into the limit that takes its place. Stand-ins: a protection is cleared with the output left
off, and refuses the next ``OUTPut`` until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto

from instruments.clock import Clock
from rig.virtual.boxes.dc_meters import SupplyRating
from rig.virtual.boxes.delayed_output import DelayedOutput
from rig.virtual.boxes.watchdog import BoxWatchdog
from rig.virtual.ports import SupplyPort, SupplyReading, SupplySetting
from rig.virtual.scpi import ScpiError

__all__ = ["Alarm", "It6000cPanel", "It6000cState", "Protection"]


class Alarm(Flag):
    """Why the output was switched off."""

    OVER_VOLTAGE = auto()
    OVER_CURRENT = auto()
    OVER_POWER = auto()
    UNDER_VOLTAGE = auto()
    OVER_TEMPERATURE = auto()
    UNDER_CURRENT = auto()
    WATCHDOG = auto()


@dataclass(slots=True)
class Protection:
    """One protection: its level, for how long it may be exceeded, how long it sleeps at first."""

    level: float
    on: bool = False
    delay_s: float = 0.0
    warm_up_s: float = 0.0


@dataclass(slots=True)
class It6000cState:
    """The settings; what the rating sets comes from the panel."""

    over_voltage: Protection
    over_current: Protection
    over_power: Protection
    under_voltage: Protection
    under_current: Protection
    on: bool = False
    priority: str = "VOLT"
    voltage_v: float = 0.0
    current_a: float = 0.0
    current_limit_a: float = 0.0
    current_limit_negative_a: float = 0.0
    voltage_limit_v: float = 0.0
    voltage_limit_negative_v: float = 0.0
    power_limit_w: float = 0.0
    power_limit_negative_w: float = 0.0
    voltage_rise: float = 0.1
    voltage_fall: float = 0.1
    current_rise: float = 0.1
    current_fall: float = 0.1
    rise_delay_s: float = 0.0
    fall_delay_s: float = 0.0
    watchdog_on: bool = False
    watchdog_s: float = 30.0


class It6000cPanel:
    """One supply between its terminals and its interfaces."""

    def __init__(self, clock: Clock, port: SupplyPort, most: SupplyRating) -> None:
        self._clock, self._port, self.most = clock, port, most
        self.state = self._start_up()
        self._output = DelayedOutput(clock, look=self.refresh, changed=self._output_changed)
        self.tripped = Alarm(0)
        self._since_s: dict[Alarm, float] = {}
        self._watchdog = BoxWatchdog(clock, lambda: self.trip(Alarm.WATCHDOG))
        self.apply()

    def _start_up(self) -> It6000cState:
        most = self.most
        return It6000cState(
            over_voltage=Protection(most.voltage_v),
            over_current=Protection(most.current_a),
            over_power=Protection(most.power_w),
            under_voltage=Protection(0.0),
            under_current=Protection(-most.current_a),
            power_limit_w=most.power_w,
            power_limit_negative_w=-most.power_w,
        )

    def reset(self) -> None:
        """Return to the start-up state; what has tripped stays tripped."""
        fresh = self._start_up()
        for name in fresh.__dataclass_fields__:
            value, kept = getattr(fresh, name), getattr(self.state, name)
            if isinstance(kept, Protection):
                for part in kept.__dataclass_fields__:
                    setattr(kept, part, getattr(value, part))
            else:
                setattr(self.state, name, value)
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

    def set_priority(self, priority: str) -> None:
        """Change the priority; what acted goes on as the limit that takes its place."""
        state = self.state
        if priority != state.priority and priority == "VOLT":
            if state.current_a >= 0.0:
                state.current_limit_a = state.current_a
            else:
                state.current_limit_negative_a = state.current_a
        elif priority != state.priority:
            state.voltage_limit_v = state.voltage_v
        state.priority = priority
        self.apply()

    def require(self, priority: str) -> None:
        """Refuse with -221 what belongs to the other priority."""
        if self.state.priority != priority:
            raise ScpiError(-221)

    def switch(self, on: bool) -> None:
        """Switch the output, after its programmed delay; -221 while a protection is latched."""
        if on and self.tripped:
            raise ScpiError(-221)
        self.state.on = on
        delay_s = self.state.rise_delay_s if on else self.state.fall_delay_s
        self._output.switch(self._wanted, delay_s if on != self.delivering else 0.0)

    @property
    def delivering(self) -> bool:
        """Whether the output is on."""
        return self._output.delivering

    @property
    def switching(self) -> bool:
        """Whether a programmed delay is running."""
        return self._output.switching

    def trip(self, alarm: Alarm) -> None:
        """Latch a protection: output off."""
        self.tripped |= alarm
        self.state.on = False
        self._output.cut()

    def clear_protection(self) -> None:
        """Forget what has tripped; the output stays off."""
        self.tripped = Alarm(0)
        self.set_watchdog()

    def refresh(self) -> None:
        """Compare the protections with what stands at the terminals."""
        if not self.delivering:
            return
        reading, state = self._port.read(), self.state
        amps, watts = reading.current_a, abs(reading.power_w)
        for alarm, protection, beyond in (
            (Alarm.OVER_VOLTAGE, state.over_voltage, reading.voltage_v - state.over_voltage.level),
            (Alarm.OVER_CURRENT, state.over_current, abs(amps) - state.over_current.level),
            (Alarm.OVER_POWER, state.over_power, watts - state.over_power.level),
            (
                Alarm.UNDER_VOLTAGE,
                state.under_voltage,
                state.under_voltage.level - reading.voltage_v,
            ),
            (Alarm.UNDER_CURRENT, state.under_current, state.under_current.level - amps),
        ):
            if self._lasts(alarm, protection, beyond > 0.0):
                self.trip(alarm)
                return

    def _lasts(self, alarm: Alarm, protection: Protection, exceeded: bool) -> bool:
        now = self._clock.now()
        warm = now - self._output.since_s >= protection.warm_up_s
        if not (protection.on and exceeded and warm):
            self._since_s.pop(alarm, None)
            return False
        return now - self._since_s.setdefault(alarm, now) >= protection.delay_s

    def read(self) -> SupplyReading:
        """Return what stands at the terminals now."""
        return self._port.read()

    def apply(self) -> None:
        """Hand the settings to the terminals."""
        state = self.state
        by_voltage, amps = state.priority == "VOLT", state.current_a
        if by_voltage:
            volts = state.voltage_v
            source_a, sink_a = state.current_limit_a, -state.current_limit_negative_a
        else:
            volts = state.voltage_limit_v if amps >= 0.0 else max(state.voltage_limit_negative_v, 0)
            source_a, sink_a = max(amps, 0.0), max(-amps, 0.0)
        self._port.apply(
            SupplySetting(
                on=self.delivering,
                voltage_v=volts,
                source_current_a=source_a,
                source_power_w=state.power_limit_w,
                sink_current_a=sink_a,
                sink_power_w=-state.power_limit_negative_w,
            )
        )

    def _wanted(self) -> bool:
        return self.state.on and not self.tripped

    def _output_changed(self) -> None:
        self._since_s.clear()
        self.apply()
