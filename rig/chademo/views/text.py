"""A judged log as text for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rig.chademo.check.finding import Finding
from rig.chademo.check.report import LogReport, SessionReport
from rig.chademo.frames import CATALOGUE, Side

__all__ = ["as_text"]

_WIDTH = 100
_INDENT = "  "
_LABEL = 11


def as_text(report: LogReport) -> str:
    """Write what the log holds, session by session, and the verdict as the last line."""
    count = len(report.sessions)
    told = f"{count} session{'' if count == 1 else 's'}" if count else "no CHAdeMO session"
    lines = [f"{report.log}: {report.format}, {report.frames} frames, {told}"]
    if report.other_frames:
        lines.append(f"{_INDENT}{report.other_frames} frames belong to no session")
    lines += [f"{_INDENT}note: {note}" for note in report.notes]
    for number, session in enumerate(report.sessions, 1):
        lines += ["", *_session(number, session)]
    return "\n".join([*lines, "", f"{report.log}: {report.verdict}", ""])


def _session(number: int, session: SessionReport) -> Iterator[str]:
    yield (
        f"session {number}: {session.start_s:.3f} to {session.end_s:.3f} s of the log,"
        f" lines {session.first_line} to {session.last_line}, channel {session.channel}"
    )
    yield from _labelled("vehicle", _who(session, Side.VEHICLE))
    yield from _labelled("charger", _who(session, Side.CHARGER))
    both = "both announce discharge" if session.discharge else "charging only"
    yield from _labelled("version", f"{session.version}; {both}")
    yield from _labelled("happened", f"{session.outcome}; {_energy(session)}")
    yield from _labelled("frames", _periods(session))
    yield ""
    yield from _phases(session)
    yield ""
    yield from _timeline(session)
    yield ""
    yield from _findings(session)
    yield f"{_INDENT}session {number}: {session.verdict}"


def _who(session: SessionReport, side: Side) -> str:
    identity = session.vehicle if side is Side.VEHICLE else session.charger
    if identity is None:
        return "does not talk"
    return f"{identity.name}, protocol {identity.version} ({identity.because})"


def _energy(session: SessionReport) -> str:
    energy = session.energy
    told = [f"{energy.charged_wh:.1f} Wh in (up to {energy.most_charge_a} A)"]
    if energy.most_discharge_a:
        told.append(f"{energy.discharged_wh:.1f} Wh out (up to {energy.most_discharge_a} A)")
    if energy.charge_percent is not None:
        told.append(f"state of charge {energy.charge_percent:.0f} % at the end")
    return ", ".join(told)


def _periods(session: SessionReport) -> str:
    parts = []
    for side in Side:
        mine = [n for n in session.periods if CATALOGUE[n].SENDER is side]
        told = ", ".join(f"{n:03X} {1e3 * session.periods[n].mean_s:.1f}" for n in mine)
        parts.append(f"{side} {told} ms" if mine else f"{side} none")
    return "; ".join(parts)


def _phases(session: SessionReport) -> Iterator[str]:
    yield f"{_INDENT}{'t/s':>9} {'for/s':>9}  phase"
    for phase in session.phases:
        start_s = phase.start_s - session.start_s
        yield f"{_INDENT}{start_s:9.3f} {phase.duration_s:9.3f}  {phase.name}"


def _timeline(session: SessionReport) -> Iterator[str]:
    yield f"{_INDENT}{'t/s':>9}  what happened"
    for entry in session.timeline:
        detail = f" ({entry.detail})" if entry.detail else ""
        yield f"{_INDENT}{entry.t_s - session.start_s:9.3f}  {entry.what}{detail}"


def _findings(session: SessionReport) -> Iterator[str]:
    if not session.findings:
        yield f"{_INDENT}nothing found"
    for finding in session.findings:
        yield from textwrap.wrap(
            _finding(session, finding),
            _WIDTH,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT + " " * 8,
        )


def _finding(session: SessionReport, finding: Finding) -> str:
    often = f" ({finding.count} times)" if finding.count > 1 else ""
    return (
        f"{finding.severity.upper():<5} {finding.t_s - session.start_s:.3f} s {finding.side},"
        f" {finding.rule}: {finding.message}{often} [{finding.source}]"
    )


def _labelled(label: str, text: str) -> list[str]:
    hanging = _INDENT + " " * _LABEL
    first = f"{_INDENT}{label:<{_LABEL}}"
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=hanging)
