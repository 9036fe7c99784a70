"""Conformance of CHAdeMO sessions: a streaming checker, and what it says of a whole log."""

from rig.chademo.check.finding import Finding, Severity, Verdict
from rig.chademo.check.limits import Limits
from rig.chademo.check.phases import Phase, PhaseName
from rig.chademo.check.recording import check_log
from rig.chademo.check.report import Energy, LogReport, SessionReport
from rig.chademo.check.session import BusFrame, SessionChecker

__all__ = [
    "BusFrame",
    "Energy",
    "Finding",
    "Limits",
    "LogReport",
    "Phase",
    "PhaseName",
    "SessionChecker",
    "SessionReport",
    "Severity",
    "Verdict",
    "check_log",
]
