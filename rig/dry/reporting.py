"""How pytest shows a dry run: tests that ran dry, and what each of them would have applied."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from rig.dry.run import DryRun

__all__ = ["DryReporting"]


class DryReporting:
    """Lets tests end without verdicts, as dry ones; prints their stimuli."""

    def __init__(self) -> None:
        self.run: DryRun | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Let a plan that disliked a made-up answer end there; fail one that was refused."""
        try:
            yield
        except BaseException as error:
            if self.run is None or not (self.run.forgives(error) or self.run.refused):
                raise
        if self.run is not None and self.run.refused:
            raise self.run.refused

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Give tests that ran through the letter d."""
        return ("dry", "d", "DRY") if report.when == "call" and report.passed else None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print every test's stimuli."""
        if self.run is None:
            return
        terminalreporter.section("stimuli")
        for text in self.run.summary():
            terminalreporter.line(text)
