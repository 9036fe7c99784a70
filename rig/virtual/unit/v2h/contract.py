"""Between the V2H firmware and what it hangs on: the pins of the port, and the bus of the plug."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["CanNode", "Heard", "PortInputs", "PortPins"]


@dataclass(frozen=True, slots=True)
class PortInputs:
    """True values at the unit's end of the port, at one instant."""

    d1: bool
    d2: bool
    plugged: bool
    closed: bool
    """Both contactors, by their auxiliary contacts."""
    inlet_v: float
    """On the plug's side of the contactors."""
    inlet_a: float
    """Positive into the vehicle."""
    pack_v: float
    pack_a: float
    """Positive out of the pack."""


class PortPins(Protocol):
    """The unit's pins; ``at_s`` is at or after the decision."""

    def read(self) -> PortInputs:
        """Return what the sensors and optocouplers are exposed to now."""

    def pull_k(self, on: bool, at_s: float) -> None:
        """Pull line k to ground, or let it go."""

    def drive_contactors(self, on: bool, at_s: float) -> None:
        """Close or open the unit's switch in the coils' circuit, which d1 and d2 feed."""

    def bleed(self, on: bool, at_s: float) -> None:
        """Connect or part the resistor that empties the inlet."""

    def on_lines(self, listener: Callable[[float], None]) -> None:
        """Call ``listener`` with the instant at which d1, d2 or proximity changed."""

    def wake_at(self, t_s: float) -> None:
        """See to it that the unit lives up to ``t_s`` when that instant comes, not later."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One classic data frame off the bus, with an 11-bit identifier."""

    identifier: int
    data: bytes


class CanNode(Protocol):
    """The unit's CAN controller on the bus of the plug."""

    def join(self) -> None:
        """Take part in the bus; harmless when it does."""

    def leave(self) -> None:
        """Take no more part."""

    def send(self, identifier: int, data: bytes, at_s: float) -> None:
        """Put a frame on the bus, stamped ``at_s``."""

    def take(self) -> list[Heard]:
        """Return what came since the last call, oldest first."""
