"""How pytest shows what is neither a pass nor a failure of the unit: inconclusive and broken."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from _pytest.outcomes import Failed, Skipped  # what pytest.fail and pytest.skip raise

from instruments.errors import BenchError, UsageError
from rig.safety import SafetyTrip

__all__ = ["NOT_TESTED", "Inconclusive", "Outcomes", "VerdictFailed", "classify"]


NOT_TESTED = "NOT TESTED"
"""How the reason begins why the bench could not carry a test out."""
_BENCH_FIXTURE = "rig_run"
"""Every test on a bench has it; other tests are none of the rig's business."""


class VerdictFailed(Failed):
    """Say that the unit under test broke a limit; the message is all there is to show."""

    def __init__(self, message: str) -> None:
        super().__init__(message, pytrace=False)


class Inconclusive(Skipped):
    """Say that the evidence allows no verdict: reported apart from skips, never as a pass."""


def classify(error: BaseException | None) -> str:
    """Name the outcome of a test that ended with this exception.

    >>> classify(None), classify(VerdictFailed("late")), classify(UsageError("typo"))
    ('passed', 'failed', 'broken')
    """
    if error is None:
        return "passed"
    if isinstance(error, Inconclusive):
        return "inconclusive"
    if isinstance(error, Skipped):
        return "skipped"
    if isinstance(error, AssertionError | Failed):
        return "failed"
    return "broken"


class Outcomes:
    """Report outcomes with their own letters, sections and exit status."""

    def __init__(self, *, allow_inconclusive: bool) -> None:
        self._allow_inconclusive = allow_inconclusive
        self._inconclusive = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Mark the report of an inconclusive test and of a rig fault."""
        report = yield
        if _BENCH_FIXTURE not in getattr(item, "fixturenames", ()):
            return report
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, Inconclusive):
            report.user_properties.append(("outcome", "inconclusive"))
        elif classify(error) == "broken":
            report.user_properties.append(("outcome", "broken"))
            if isinstance(error, BenchError | UsageError | ExceptionGroup | SafetyTrip):
                report.longrepr = _one_line(error)  # says it all; any other needs its trace
            # JUnit files a fault of the rig as an error, and only an earlier phase makes one.
            report.when = "setup" if report.when == "call" else report.when
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport | pytest.CollectReport
    ) -> tuple[str, str, str] | None:
        """Give inconclusive tests the letter I and broken ones B."""
        if isinstance(report, pytest.CollectReport):
            return None
        outcome = dict(report.user_properties).get("outcome")
        if outcome == "inconclusive" and report.skipped:
            self._inconclusive += 1
            return "inconclusive", "I", "INCONCLUSIVE"
        if outcome == "broken" and report.failed:
            return "broken", "B", "BROKEN"
        return None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List inconclusive and broken tests with their reasons."""
        for category, title in (("inconclusive", "inconclusive"), ("broken", "broken: rig faults")):
            reports = terminalreporter.stats.get(category, [])
            if reports:
                terminalreporter.section(title)
            for report in reports:
                terminalreporter.line(f"{report.nodeid}: {_reason(report)}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let an inconclusive run fail unless it was allowed."""
        if self._inconclusive and not self._allow_inconclusive and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _one_line(error: BaseException) -> str:
    if isinstance(error, ExceptionGroup):
        return f"{error.message}: " + "; ".join(_one_line(each) for each in error.exceptions)
    notes = getattr(error, "__notes__", [])
    return "; ".join([str(error), *notes])


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].partition(": ")[2]  # without the name of the exception
    return str(report.longrepr)
