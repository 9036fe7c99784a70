"""The phases of a session, from its steps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rig.chademo.check.case import Case, Rule
from rig.chademo.check.happening import STOPS, Happening

__all__ = ["Phase", "PhaseName", "Phases"]


class PhaseName(StrEnum):
    """In the order of a session."""

    WAKE_UP = "wake-up"
    PARAMETERS = "parameters"
    ENABLED = "enabled"
    LOCKED = "locked"
    INSULATION = "insulation test"
    TESTED = "tested"
    CLOSED = "contactor closed"
    REQUESTED = "current requested"
    TRANSFER = "transfer"
    STOPPING = "stopping"
    WELD_CHECK = "weld check"
    OPENED = "contactor open"
    FINISHED = "finished"


_ORDER = list(PhaseName)
_BEGINS = {
    Happening.VEHICLE_TALKS: PhaseName.WAKE_UP,
    Happening.ENABLED: PhaseName.ENABLED,
    Happening.LOCKED: PhaseName.LOCKED,
    Happening.TEST_VOLTAGE: PhaseName.INSULATION,
    Happening.TEST_OVER: PhaseName.TESTED,
    Happening.CLOSED: PhaseName.CLOSED,
    Happening.REQUESTED: PhaseName.REQUESTED,
    Happening.TRANSFER: PhaseName.TRANSFER,
    **dict.fromkeys(STOPS, PhaseName.STOPPING),
    Happening.TRANSFER_OFF: PhaseName.WELD_CHECK,
    Happening.OPENED: PhaseName.OPENED,
    Happening.UNLOCKED: PhaseName.FINISHED,
}


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a session."""

    name: PhaseName
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """How long it took."""
        return self.end_s - self.start_s


class Phases(Rule):
    """Goes through the phases in their order; a step that belongs to an earlier one is ignored."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._begun: list[tuple[PhaseName, float]] = []

    def happened(self, what: Happening) -> None:
        """Begin the phase that belongs to a step."""
        both = {Happening.VEHICLE_TALKS, Happening.CHARGER_TALKS}
        name = PhaseName.PARAMETERS if what in both and self._both_talk() else _BEGINS.get(what)
        if name is None or (self._begun and _ORDER.index(name) <= _ORDER.index(self.now)):
            return
        self._begun.append((name, self.case.bus.t_s))

    @property
    def now(self) -> PhaseName:
        """The phase at present; pre: someone has talked."""
        return self._begun[-1][0] if self._begun else PhaseName.WAKE_UP

    def all(self) -> tuple[Phase, ...]:
        """Return the phases that took time, up to now."""
        if not self._begun:
            return ()
        ends = [start_s for _, start_s in self._begun[1:]] + [self.case.bus.t_s]
        phases = (
            Phase(name, start_s, end_s)
            for (name, start_s), end_s in zip(self._begun, ends, strict=True)
        )
        return tuple(each for each in phases if each.duration_s > 0 or each.name is self.now)

    def _both_talk(self) -> bool:
        case = self.case
        return case.done(Happening.VEHICLE_TALKS) and case.done(Happening.CHARGER_TALKS)
