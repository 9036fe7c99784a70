"""What really happened in the circuit, for tests of the code that measures it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Kind", "Truth", "TruthEvent"]

Kind = Literal[
    "inverter_started",
    "inverter_stopped",
    "gates_blocked",
    "gates_released",
    "relay_commanded",
    "contact_closed",
    "contact_parted",
    "current_ended",
    "branch_closed",
    "branch_opening",
    "branch_opened",
    "load_changed",
    "coil_driven",
    "bench_contact_closed",
    "bench_contact_opened",
    "trigger",
]


@dataclass(frozen=True, slots=True)
class TruthEvent:
    """One true instant; ``where`` is a socket, ``branch 3``, ``board 4 relay 1`` or empty."""

    t_s: float
    kind: Kind
    where: str = ""


class Truth:
    """The log of true instants, in order of happening."""

    def __init__(self) -> None:
        self.events: list[TruthEvent] = []

    def note(self, t_s: float, kind: Kind, where: str = "") -> None:
        """Add an event; a current that the gates end is noted with them, 20 us ahead."""
        self.events.append(TruthEvent(t_s, kind, where))

    def times(self, kind: Kind, where: str | None = None) -> list[float]:
        """Return when events of a kind happened (at one place)."""
        return [e.t_s for e in self.events if e.kind == kind and where in (None, e.where)]

    def first(self, kind: Kind, where: str | None = None, *, after_s: float = 0.0) -> float | None:
        """Return the first such instant at or after ``after_s``."""
        return next((t for t in self.times(kind, where) if t >= after_s), None)
