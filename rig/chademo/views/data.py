"""A judged log as plain data, for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rig.chademo.check.report import LogReport, SessionReport
from rig.chademo.frames import CATALOGUE

__all__ = ["as_data"]

_DECIMALS = 6


def as_data(report: LogReport) -> dict[str, Any]:
    """Return the report without traces; times in seconds, ``t_s`` from the session's first frame.

    Any: what JSON holds.
    """
    return {
        "log": report.log,
        "format": report.format,
        "frames": report.frames,
        "other_frames": report.other_frames,
        "notes": list(report.notes),
        "verdict": str(report.verdict),
        "held": report.verdict.held,
        "sessions": [_session(each) for each in report.sessions],
    }


def _session(session: SessionReport) -> dict[str, Any]:
    def since_start(t_s: float) -> float:
        return round(t_s - session.start_s, _DECIMALS)

    return {
        "start_s": session.start_s,
        "end_s": session.end_s,
        "frames": session.frames,
        "channel": session.channel,
        "first_line": session.first_line,
        "last_line": session.last_line,
        "roles": [
            name
            for name, identity in (("vehicle", session.vehicle), ("charger", session.charger))
            if identity is not None
        ],
        "vehicle": asdict(session.vehicle) if session.vehicle else None,
        "charger": asdict(session.charger) if session.charger else None,
        "version": session.version,
        "discharge": session.discharge,
        "outcome": session.outcome,
        "energy": asdict(session.energy),
        "phases": [
            {
                "name": str(each.name),
                "start_s": since_start(each.start_s),
                "end_s": since_start(each.end_s),
            }
            for each in session.phases
        ],
        "timeline": [
            {"t_s": since_start(each.t_s), "what": str(each.what), "detail": each.detail}
            for each in session.timeline
        ],
        "deadlines_s": {name: round(t, _DECIMALS) for name, t in session.deadlines_s.items()},
        "periods": [_period(n, session) for n in session.periods],
        "findings": [
            {
                "severity": str(each.severity),
                "side": each.side,
                "rule": each.rule,
                "t_s": since_start(each.t_s),
                "last_t_s": since_start(each.last_t_s),
                "count": each.count,
                "message": each.message,
                "source": each.source,
            }
            for each in session.findings
        ],
        "verdict": str(session.verdict),
    }


def _period(identifier: int, session: SessionReport) -> dict[str, Any]:
    period = session.periods[identifier]
    told: dict[str, Any] = {
        "id": f"0x{identifier:03X}",
        "name": CATALOGUE[identifier].__name__,
        "side": str(CATALOGUE[identifier].SENDER),
        "frames": period.frames,
        "mean_s": None,
        "shortest_s": None,
        "longest_s": None,
        "outside_tolerance": period.stray,
        "lost": period.lost,
    }
    if period.gaps:
        told["mean_s"] = round(period.mean_s, _DECIMALS)
        told["shortest_s"] = round(period.shortest_s, _DECIMALS)
        told["longest_s"] = round(period.longest_s, _DECIMALS)
    return told
