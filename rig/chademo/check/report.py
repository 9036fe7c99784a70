"""The result of judging one session, and of judging a whole log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rig.chademo.check.finding import Finding, Severity, Verdict
from rig.chademo.check.identity import Identity
from rig.chademo.check.periods import Period
from rig.chademo.check.phases import Phase
from rig.chademo.check.timeline import Entry

__all__ = ["Energy", "LogReport", "SessionReport"]


@dataclass(frozen=True, slots=True)
class Energy:
    """What flowed, by the charger's own measurement."""

    charged_wh: float
    discharged_wh: float
    most_charge_a: int
    most_discharge_a: int
    charge_percent: float | None
    """State of charge at the end."""


@dataclass(frozen=True, slots=True)
class SessionReport:
    """One session; times are on the log's axis, ``start_s`` is the first frame."""

    start_s: float
    end_s: float
    frames: int
    channel: str
    first_line: int
    last_line: int
    vehicle: Identity | None
    charger: Identity | None
    version: str
    discharge: bool
    """Both sides announce it."""
    outcome: str
    phases: tuple[Phase, ...]
    timeline: tuple[Entry, ...]
    deadlines_s: Mapping[str, float]
    """How long what is owed within a deadline took."""
    periods: Mapping[int, Period]
    energy: Energy
    findings: tuple[Finding, ...]
    verdict: Verdict
    traces: Mapping[str, list[tuple[float, float]]] = field(repr=False)

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the errors or the notes."""
        return tuple(each for each in self.findings if each.severity is severity)


@dataclass(frozen=True, slots=True)
class LogReport:
    """One log file."""

    log: str
    format: str
    frames: int
    other_frames: int
    """Frames that belong to no session, or are not CHAdeMO's."""
    notes: tuple[str, ...]
    """What reading the file showed."""
    sessions: tuple[SessionReport, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of the sessions; without a session there is nothing to hold."""
        for verdict in (Verdict.UNSOUND, Verdict.INCONCLUSIVE, Verdict.NOTED):
            if any(each.verdict is verdict for each in self.sessions):
                return verdict
        return Verdict.SOUND if self.sessions else Verdict.INCONCLUSIVE
