"""Between the firmware of an off-board box and its hardware: buttons, lines, converter, plug."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["BoxInputs", "BoxPins", "Button"]

Button = Literal["start", "stop", "emergency", "discharge"]


@dataclass(frozen=True, slots=True)
class BoxInputs:
    """True values at the box's end of the cable, at one instant."""

    k: bool
    plugged: bool
    pressed: frozenset[Button]
    plug_v: float
    """On the cable's side of the box's own contactor."""
    output_v: float
    """On the converter's side of it."""
    amps: float
    """Positive into the vehicle."""
    insulation_ohm: float
    """Of the cable and what hangs on it, under the voltage that stands there."""


class BoxPins(Protocol):
    """What the box drives; ``at_s`` is at or after the decision."""

    def read(self) -> BoxInputs:
        """Return what stands at the box now."""

    def drive_line(self, line: Literal["d1", "d2"], on: bool, at_s: float) -> None:
        """Put +12 V on d1, or pull d2 to ground."""

    def lock(self, on: bool, at_s: float) -> None:
        """Lock the connector, or release it."""

    def close_contactor(self, on: bool, at_s: float) -> None:
        """Close or open the box's own contactor."""

    def hold_voltage(self, volts: float, at_s: float) -> None:
        """Let the converter hold a voltage with next to no current."""

    def drive_current(self, amps: float, at_s: float) -> None:
        """Let the converter drive a signed current, positive into the vehicle."""

    def rest(self, at_s: float) -> None:
        """Switch the converter off; its output bleeds."""

    def on_change(self, listener: Callable[[float], None]) -> None:
        """Call ``listener`` with the instant at which a line or a button changed."""

    def wake_at(self, t_s: float) -> None:
        """See to it that the box lives up to ``t_s`` when that instant comes, not later."""
