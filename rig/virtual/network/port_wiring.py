"""How the CHAdeMO port of a bench is wired: what each contact and each supply does there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["PortContact", "PortPlant", "PortWiring"]

PortContact = Literal[
    "d1", "d2", "k", "proximity", "contactor", "lock", "start", "stop", "emergency", "discharge"
]
"""Lines, contactors, and the buttons of an off-board box."""


@dataclass(frozen=True, slots=True)
class PortPlant:
    """The numbers of the port's circuit; times in s."""

    cable_ohm: float = 0.05
    """Supply to pack, both conductors."""
    rise_tau_s: float = 0.02
    """Supply to a higher set voltage."""
    bleed_tau_s: float = 0.12
    """Output of an EVPS that is off: 361 to 8 V took 0.6 s (chademo.md section 10)."""
    leak_tau_s: float = 20.0
    """Capacitance of inlet and cable when nobody bleeds it."""
    inlet_bleed_tau_s: float = 0.2
    """The same through the unit's bleeder."""
    join_tau_s: float = 0.001
    surge_tau_s: float = 0.0002
    """Equalising of two voltages through a contactor that has closed between them."""
    surge_ohm: float = 0.5
    closes_s: float = 0.028
    drops_s: float = 0.012
    """Contactor from its coil's supply; each unit's own within a third."""


@dataclass(frozen=True, slots=True)
class PortWiring:
    """The relay of each contact, by board and relay."""

    supply: str | None = "evps"
    """The bench's supply in the place of the home; None: the unit is the home, the bench has the
    vehicle."""
    contacts: Mapping[tuple[int, int], PortContact] = field(default_factory=dict)
    plant: PortPlant = field(default_factory=PortPlant)
    coil_holds_s: float = 0.0
    """How much longer than healthy contactors the unit's stay when their coils' supply goes."""
