"""What each end sees and moves of a simulated cable."""

from __future__ import annotations

from rig.chademo.roles import Line, Measured
from rig.virtual.chademo.cable import Cable, Who

__all__ = ["CableLines", "EvpsEnd", "VehicleEnd"]


class CableLines:
    """The lines of a cable, for either role."""

    def __init__(self, cable: Cable) -> None:
        self._cable = cable

    def read(self, line: Line) -> bool:
        """Return the level."""
        return self._cable.levels[line]

    def set(self, line: Line, on: bool) -> None:
        """Drive a line."""
        self._cable.drive(line, on)

    def changed_s(self, line: Line) -> float:
        """Return the time of the last change."""
        return self._cable.changed_s[line]


class EvpsEnd:
    """Supply, own contactor and insulation tester."""

    def __init__(self, cable: Cable) -> None:
        self._cable = cable

    def measure(self) -> Measured:
        """Return volts and amperes at the plug."""
        return self._cable.plug()

    def hold_voltage(self, volts: float) -> None:
        """Hold a voltage."""
        self._cable.hold(volts, 0.0)

    def set_current(self, amps: float) -> None:
        """Drive a current."""
        self._cable.hold(None, amps)

    def switch_off(self) -> None:
        """Drive nothing."""
        self._cable.hold(None, 0.0)

    def set_contactor(self, closed: bool) -> None:
        """Move the EVPS's contactor."""
        self._cable.ask_contactor(Who.EVPS, closed)

    def voltage_behind(self) -> float:
        """Return the voltage on the supply's side."""
        return self._cable.behind_v()

    def insulation_ohm(self) -> float:
        """Return the insulation resistance."""
        return self._cable.parameters.insulation_ohm


class VehicleEnd:
    """Battery and contactor."""

    def __init__(self, cable: Cable) -> None:
        self._cable = cable

    def measure(self) -> Measured:
        """Return volts and amperes at the plug."""
        return self._cable.plug()

    def battery_v(self) -> float:
        """Return the battery's voltage."""
        return self._cable.battery_v

    def charge_percent(self) -> float:
        """Return the state of charge."""
        return self._cable.charge_percent

    def set_contactor(self, closed: bool) -> None:
        """Ask for a position."""
        self._cable.ask_contactor(Who.VEHICLE, closed)

    def contactor_closed(self) -> bool:
        """Return the position."""
        return self._cable.closed[Who.VEHICLE]
