"""Forward a run to allure-pytest while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import allure
import allure_commons
import pytest

from reports.allure_model import (
    ResultsFolder,
    TestResult,
    add_label,
    first_hook,
    set_details,
    set_identity,
)
from reports.sink import Kind, Status, TestFacts

__all__ = ["LiveSink"]

_dynamic: Any = allure.dynamic
_hooks: Any = allure_commons.plugin_manager


_ENDED_BY: dict[Status, type[BaseException]] = {
    Status.FAILED: AssertionError,
    Status.BROKEN: RuntimeError,
    Status.SKIPPED: pytest.skip.Exception,
}
"""What allure-pytest takes each status of a step from."""


@dataclass(slots=True)
class _Known:
    """What the rig knows of a test better than pytest does."""

    facts: TestFacts
    status: Status | None = None
    message: str = ""
    description: str = ""
    trace: str = ""


class LiveSink:
    """An ``AllureSink`` over allure-pytest's dynamic API; times are allure-pytest's own.

    Names, status and description are set when allure-pytest hands over its result: earlier it
    would replace them by what it finds itself.
    """

    def __init__(self, results: Path) -> None:
        self._results = ResultsFolder(results)
        self._known: _Known | None = None
        self._steps: list[Any] = []
        _hooks.register(self)
        self._results.categories()

    def start_test(self, facts: TestFacts, t_s: float) -> None:
        """Begin a test, inside the one that allure-pytest has begun."""
        self._known = _Known(facts)

    def label(self, name: str, value: str) -> None:
        """Put a label on the test."""
        _dynamic.label(name, value)

    def link(self, kind: str, url: str, name: str) -> None:
        """Link the test to a page elsewhere."""
        _dynamic.link(url, link_type=kind, name=name)

    def start_step(self, name: str, parameters: Mapping[str, str], t_s: float) -> None:
        """Begin a step within the innermost open one, be it the rig's or the plan's own."""
        step: Any = allure.step(name)
        step.params = dict(parameters)
        step.__enter__()
        self._steps.append(step)

    def stop_step(self, status: Status, message: str, t_s: float) -> None:
        """End the innermost open step."""
        step = self._steps.pop()
        kind = _ENDED_BY.get(status)
        step.__exit__(kind, kind(message) if kind else None, None)

    def attach(self, name: str, body: bytes, kind: Kind) -> None:
        """Attach a file to the innermost open step, or to the test."""
        allure.attach(body, name=name, attachment_type=kind.mime, extension=kind.ending)

    def stop_test(self, status: Status, message: str, description: str, t_s: float) -> None:
        """Keep how the test ended until allure-pytest writes it."""
        if self._known is not None:
            known = self._known
            known.status, known.message, known.description = status, message, description

    def trace(self, text: str) -> None:
        """Add the trace of the error that the test has just ended with."""
        if self._known is not None:
            self._known.trace = text

    def environment(self, values: Mapping[str, str]) -> None:
        """State what the run was made with."""
        self._results.environment(values)

    def close(self) -> None:
        """Take no more part in allure-pytest's results."""
        if _hooks.is_registered(self):
            _hooks.unregister(self)

    @first_hook
    def report_result(self, result: TestResult) -> None:
        """Complete the result of a bench test before it is written."""
        known, self._known = self._known, None
        if known is None or known.status is None:
            return
        set_identity(result, known.facts)
        result.description, result.descriptionHtml = None, known.description
        set_details(result, known.status, known.message)
        if result.statusDetails is not None and known.trace:
            result.statusDetails.trace = known.trace
        labels, result.labels = result.labels, []
        for each in labels:
            add_label(result, each.name, each.value)
