"""What the checker found, each kind of deviation once, with how often and where it was worst."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = ["Finding", "Findings", "Severity", "Verdict", "verdict_of"]


class Severity(StrEnum):
    """Whether a rule was broken, or a deviation is known from sound real-world sessions."""

    ERROR = "error"
    NOTE = "note"


class Verdict(StrEnum):
    """How a session was."""

    SOUND = "sound"
    NOTED = "sound, with notes"
    UNSOUND = "fell short"
    INCONCLUSIVE = "inconclusive"

    @property
    def held(self) -> bool:
        """Whether the session kept to the rules."""
        return self in {Verdict.SOUND, Verdict.NOTED}


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of deviation of one side."""

    rule: str
    severity: Severity
    side: str
    """``vehicle``, ``charger``, ``both`` or ``log``."""
    t_s: float
    """When it was worst, on the log's time axis."""
    message: str
    source: str
    """Section of the fact sheet."""
    count: int = 1
    last_t_s: float = 0.0
    size: float = 0.0
    """By which the worst occurrence is chosen."""


class Findings:
    """Collects findings; its size is bounded by the number of rules."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], Finding] = {}

    def add(
        self,
        rule: str,
        severity: Severity,
        side: str,
        t_s: float,
        message: str,
        *,
        source: str,
        size: float = 0.0,
    ) -> None:
        """Note an occurrence; of equal kinds the one of the largest ``size`` is told."""
        key = (rule, severity, side)
        new = Finding(rule, severity, side, t_s, message, source, 1, t_s, size)
        known = self._found.get(key)
        if known is not None:
            worst = new if size > known.size else known
            new = replace(worst, count=known.count + 1, last_t_s=t_s)
        self._found[key] = new

    def all(self) -> tuple[Finding, ...]:
        """Return errors first, then notes, each in order of time."""
        return tuple(
            sorted(self._found.values(), key=lambda each: (each.severity, each.t_s, each.rule))
        )


def verdict_of(findings: tuple[Finding, ...], *, conclusive: bool) -> Verdict:
    """Return the verdict on findings; without errors an inconclusive session stays so."""
    severities = {each.severity for each in findings}
    if Severity.ERROR in severities:
        return Verdict.UNSOUND
    if not conclusive:
        return Verdict.INCONCLUSIVE
    return Verdict.NOTED if severities else Verdict.SOUND
