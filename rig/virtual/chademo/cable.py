"""Plug, cable and the power at both ends, as far as a session sees them.

The vehicle's contactor closes only while d1 and d2 feed its coil, and drops when either goes.
Voltages move in closed form between the instants at which anything changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import exp

from instruments.clock import Clock
from rig.chademo.roles import Line, Measured

__all__ = ["Cable", "CableParameters", "Switching", "Who"]


class Who(StrEnum):
    """Whose contactor."""

    EVPS = "evps"
    VEHICLE = "vehicle"


@dataclass(frozen=True, slots=True, kw_only=True)
class CableParameters:
    """Battery of a 40 kWh Leaf (chademo.md section 10), output of a V2H unit (LOG-A)."""

    charge_percent: float = 60.0
    capacity_wh: float = 38_000.0
    empty_v: float = 330.0
    rise_v: float = 64.0
    """Approximation of the resting voltage: empty_v + rise_v * charge / 98."""
    resistance_ohm: float = 0.1
    insulation_ohm: float = 1e6
    rise_v_per_s: float = 2000.0
    fall_s: float = 0.12
    """Time constant of a bled output: 361 to 8 V took 0.6 s."""
    leak_s: float = 20.0
    """Time constant of an output that nobody bleeds."""
    welded: bool = False


@dataclass(frozen=True, slots=True)
class Switching:
    """A contactor moved: at which current, and against which difference of voltage."""

    t_s: float
    who: Who
    closed: bool
    amps: float
    volts: float


class Cable:
    """The one circuit and the lines; both ends look at it through their own views."""

    def __init__(self, clock: Clock, parameters: CableParameters | None = None) -> None:
        self._clock = clock
        self.parameters = parameters or CableParameters()
        self.levels = dict.fromkeys(Line, False)
        self.changed_s = dict.fromkeys(Line, 0.0)
        self.line_log: list[tuple[float, Line, bool]] = []
        self.switchings: list[Switching] = []
        self.charge_percent = self.parameters.charge_percent
        self.offset_v = 0.0
        """Added to the battery's voltage."""
        self._asked = dict.fromkeys(Who, False)
        self.closed = dict.fromkeys(Who, False)
        self._hold_v: float | None = None
        self._set_a = 0.0
        self._behind_v = self._plug_v = 0.0
        self._t_s = clock.now()
        self.broken: set[Line] = set()
        """Lines whose wire is broken: they rest, whatever is driven."""
        self._driven = dict.fromkeys(Line, False)

    def drive(self, line: Line, on: bool) -> None:
        """Drive a line."""
        self._driven[line] = on
        self._level(line, on and line not in self.broken)

    def cut(self, line: Line) -> None:
        """Break the wire of a line."""
        self.broken.add(line)
        self._level(line, on=False)

    def _level(self, line: Line, on: bool) -> None:
        if self.levels[line] is on:
            return
        now_s = self._clock.now()
        self.levels[line], self.changed_s[line] = on, now_s
        self.line_log.append((now_s, line, on))
        self._move_contactors()

    def ask_contactor(self, who: Who, closed: bool) -> None:
        """Ask for a position."""
        self._asked[who] = closed
        self._move_contactors()

    def hold(self, volts: float | None, amps: float) -> None:
        """Set the supply: a voltage, or a current where ``volts`` is None."""
        self._settle()
        self._hold_v, self._set_a = volts, amps

    @property
    def amps(self) -> float:
        """Current into the vehicle."""
        return self._set_a if all(self.closed.values()) and self._hold_v is None else 0.0

    @property
    def battery_v(self) -> float:
        """The battery's voltage under its current."""
        used = self.parameters
        rest_v = self.offset_v + used.empty_v + used.rise_v * self.charge_percent / 98.0
        return rest_v + used.resistance_ohm * self.amps

    def plug(self) -> Measured:
        """Return volts and amperes at the plug."""
        self._settle()
        return Measured(self._plug_v, self.amps)

    def behind_v(self) -> float:
        """Return the voltage between supply and EVPS contactor."""
        self._settle()
        return self._behind_v

    def _move_contactors(self) -> None:
        coil = self.levels[Line.D1] and self.levels[Line.D2]
        wanted = {
            Who.EVPS: self._asked[Who.EVPS],
            Who.VEHICLE: self._asked[Who.VEHICLE] and coil,
        }
        for who, closed in wanted.items():
            stays = self.parameters.welded and who is Who.VEHICLE and self.closed[who]
            if self.closed[who] is closed or stays:
                continue
            self._settle()
            across_v = self._plug_v - (self._behind_v if who is Who.EVPS else self.battery_v)
            self.switchings.append(Switching(self._clock.now(), who, closed, self.amps, across_v))
            self.closed[who] = closed
            self._settle()

    def _settle(self) -> None:
        """Bring charge and voltages to now."""
        now_s = self._clock.now()
        passed_s, self._t_s = now_s - self._t_s, now_s
        used = self.parameters
        if passed_s and (amps := self.amps):
            wh = amps * self.battery_v * passed_s / 3600.0
            self.charge_percent += 100.0 * wh / used.capacity_wh
        if passed_s:
            self._behind_v = self._moved(self._behind_v, passed_s)
            if not self.closed[Who.EVPS]:
                self._plug_v *= exp(-passed_s / (used.fall_s if self._bled else used.leak_s))
        if self.closed[Who.VEHICLE]:
            self._plug_v = self.battery_v
            if self.closed[Who.EVPS]:
                self._behind_v = self._plug_v
        elif self.closed[Who.EVPS]:
            self._plug_v = self._behind_v

    @property
    def _bled(self) -> bool:
        """The output is bled unless the supply holds a voltage or drives."""
        return self._hold_v is None

    def _moved(self, volts: float, passed_s: float) -> float:
        used = self.parameters
        if self._hold_v is None:
            return volts * exp(-passed_s / used.fall_s)
        step_v = used.rise_v_per_s * passed_s
        return min(max(self._hold_v, volts - step_v), volts + step_v)
