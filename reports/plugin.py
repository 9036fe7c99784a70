"""The pytest plugin: live Allure results of bench tests, and where the record lies."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from reports.allure_live import LiveSink
from reports.allure_mapping import AllureMapping
from rig.recording import Record, RecordedEvent, Recorder

__all__: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of reports."""
    group = parser.getgroup("reports", "reports of test plans")
    group.addoption(
        "--requirement-link",
        metavar="URL",
        help="address of a requirement's page, {} standing for its id, for the Allure results",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Wait for a run to begin."""
    config.pluginmanager.register(_Reporting(config), "reports.reporting")


class _Reporting:
    """Follows one run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._run: Path | None = None
        self._stack = ExitStack()

    @pytest.hookimpl(optionalhook=True)
    def pytest_rig_run_started(self, recorder: Recorder) -> None:
        """Feed the run to allure-pytest where ``--alluredir`` asks for it."""
        self._run = recorder.folder
        results = self._config.getoption("allure_report_dir", default=None)
        if not results:
            return
        record = self._stack.enter_context(Record(recorder.folder))
        link = self._config.getoption("--requirement-link")
        mapping = AllureMapping(record, LiveSink(Path(results)), requirement_link=link)
        self._stack.callback(mapping.finish)
        recorder.subscribe(mapping)
        recorder.subscribe(self._close_after_end)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the record lies and how a report is made of it."""
        if self._run is not None:
            terminalreporter.line(f"record: {self._run}   report: rig report {self._run}")

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """End the live results of a run that did not come to its end."""
        self._stack.close()

    def _close_after_end(self, event: RecordedEvent) -> None:
        """Let go of the record before its writer does, which then leaves one tidy file."""
        if event.kind == "run.ended":
            self._stack.close()
