"""A log that holds one side only: a session with a peer that was not recorded."""

from __future__ import annotations

from dataclasses import replace

from rig.chademo.check.finding import Finding, Severity, verdict_of
from rig.chademo.check.report import SessionReport
from rig.chademo.frames import Side

__all__ = ["as_one_sided"]

_ANSWERS = {Side.VEHICLE: "request_a", Side.CHARGER: "109.5.2 locked, energizing"}
"""What a side shows only after the other has answered."""
_OWN = ("period of", "length of", "order of frames", "missing frames", "ramp")
"""Rules that the frames of one side show by themselves."""


def as_one_sided(report: SessionReport, recorded: Side) -> SessionReport:
    """Judge a session anew by what one side shows, where it acts on what the other must have said.

    A side that waits for an answer which never comes is judged as it was: there was none.
    """
    if not any(value for _, value in report.traces[_ANSWERS[recorded]]):
        return report
    other = Side.CHARGER if recorded is Side.VEHICLE else Side.VEHICLE
    note = Finding(
        "one side",
        Severity.NOTE,
        "log",
        report.start_s,
        f"only the {recorded}'s frames are in the log, which acts on those of the {other}: what"
        " hangs on them cannot be judged",
        "§6",
        last_t_s=report.start_s,
    )
    own = [each for each in report.findings if any(name in each.rule for name in _OWN)]
    findings = (*own, note)
    return replace(
        report,
        findings=findings,
        outcome=f"only the {recorded}'s side was recorded",
        verdict=verdict_of(findings, conclusive=False),
    )
