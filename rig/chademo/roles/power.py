"""What the roles need of power hardware; current is positive into the vehicle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["EvpsPower", "Measured", "VehiclePower"]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one side measures at the plug, at one instant."""

    volts: float
    amps: float
    """Positive into the vehicle."""


class EvpsPower(Protocol):
    """A bidirectional supply behind a contactor of its own, with an insulation tester."""

    def measure(self) -> Measured:
        """Return volts at the plug and amperes."""

    def hold_voltage(self, volts: float) -> None:
        """Hold a voltage behind the contactor with next to no current (test, pre-charge)."""

    def set_current(self, amps: float) -> None:
        """Drive a signed current through the closed contactors."""

    def switch_off(self) -> None:
        """Drive nothing, and bleed the output."""

    def set_contactor(self, closed: bool) -> None:
        """Close or open the EVPS's own contactor."""

    def voltage_behind(self) -> float:
        """Return the voltage between supply and contactor."""

    def insulation_ohm(self) -> float:
        """Return the insulation resistance under the voltage that is held."""


class VehiclePower(Protocol):
    """The battery behind the vehicle's contactor, whose coil hangs between d1 and d2."""

    def measure(self) -> Measured:
        """Return volts at the plug and amperes."""

    def battery_v(self) -> float:
        """Return the battery's voltage."""

    def charge_percent(self) -> float:
        """Return the state of charge."""

    def set_contactor(self, closed: bool) -> None:
        """Ask for a position; it closes only where d1 and d2 feed the coil."""

    def contactor_closed(self) -> bool:
        """Return the position, by the auxiliary contact."""
