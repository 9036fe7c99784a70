"""Write Allure results from a record, at any time and of any run, also of a crashed one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from reports.allure_mapping import AllureMapping
from reports.allure_model import (
    ResultsFolder,
    TestResult,
    TestStepResult,
    add_label,
    add_link,
    parameters_of,
    set_details,
    set_identity,
)
from reports.sink import Kind, Status, TestFacts
from rig.recording import Record

__all__ = ["FilesSink", "write_results"]


class FilesSink:
    """An ``AllureSink`` that writes a folder of results; times are those of the bench's clock."""

    def __init__(self, results: ResultsFolder, epoch_s: float) -> None:
        self._results, self._epoch_s = results, epoch_s
        self._test: TestResult | None = None
        self._open: list[TestResult | TestStepResult] = []

    def start_test(self, facts: TestFacts, t_s: float) -> None:
        """Begin a test; write the one before."""
        self._write()
        self._test = TestResult(uuid=str(uuid4()), start=self._ms(t_s))
        set_identity(self._test, facts)
        self._open = [self._test]

    def label(self, name: str, value: str) -> None:
        """Put a label on the test."""
        if self._test is not None:
            add_label(self._test, name, value)

    def link(self, kind: str, url: str, name: str) -> None:
        """Link the test to a page elsewhere."""
        if self._test is not None:
            add_link(self._test, kind, url, name)

    def start_step(self, name: str, parameters: Mapping[str, str], t_s: float) -> None:
        """Begin a step within the innermost open one."""
        step = TestStepResult(name=name, start=self._ms(t_s), parameters=parameters_of(parameters))
        self._open[-1].steps.append(step)
        self._open.append(step)

    def stop_step(self, status: Status, message: str, t_s: float) -> None:
        """End the innermost open step."""
        step = self._open.pop()
        step.stop = self._ms(t_s)
        set_details(step, status, message)

    def attach(self, name: str, body: bytes, kind: Kind) -> None:
        """Attach a file to the innermost open step, or to the test."""
        self._open[-1].attachments.append(self._results.attachment(name, body, kind))

    def stop_test(self, status: Status, message: str, description: str, t_s: float) -> None:
        """End the test; it is written when the next one starts, for its trace is yet to come."""
        if self._test is None:
            return
        self._test.stop = self._ms(t_s)
        self._test.descriptionHtml = description
        set_details(self._test, status, message)

    def trace(self, text: str) -> None:
        """Add the trace of the error that the test has just ended with."""
        if self._test is not None and self._test.statusDetails is not None:
            self._test.statusDetails.trace = text

    def environment(self, values: Mapping[str, str]) -> None:
        """State what the run was made with."""
        self._results.environment(values)

    def close(self) -> None:
        """Write what is still held back."""
        self._write()

    def _write(self) -> None:
        if self._test is not None:
            self._results.result(self._test)
            self._test = None

    def _ms(self, t_s: float) -> int:
        return round((self._epoch_s + t_s) * 1000)


def write_results(
    record: Record, folder: Path, *, requirement_link: str | None = None
) -> ResultsFolder:
    """Write the Allure results of a run into a folder, in place of those of an earlier report."""
    results = ResultsFolder.cleared(folder)
    results.categories()
    mapping = AllureMapping(
        record, FilesSink(results, _epoch(record)), requirement_link=requirement_link
    )
    for event in record.events():
        mapping(event)
    mapping.finish()
    return results


def _epoch(record: Record) -> float:
    """Return the Unix time at which the clock stood at zero."""
    for event in record.events():
        return datetime.fromisoformat(record.utc(event.seq)).timestamp() - event.t_s
    return 0.0
