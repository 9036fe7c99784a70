"""What a report of a run is written to, one call per thing that happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Protocol

__all__ = ["AllureSink", "Kind", "Status", "TestFacts"]


class Status(StrEnum):
    """The statuses that Allure knows."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    SKIPPED = "skipped"


class Kind(Enum):
    """The kinds of attachment, with MIME type and file ending."""

    PNG = ("image/png", "png")
    CSV = ("text/csv", "csv")
    JSON = ("application/json", "json")
    TEXT = ("text/plain", "txt")
    BLF = ("application/octet-stream", "blf")

    @property
    def mime(self) -> str:
        """The MIME type."""
        return self.value[0]

    @property
    def ending(self) -> str:
        """The ending of the file, without a dot."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class TestFacts:
    """Who a test is, whatever became of it."""

    __test__ = False  # its name begins as those that pytest collects

    node_id: str
    title: str
    full_name: str
    test_case_id: str
    """The same for every set of parameters."""
    history_id: str
    """The same for every run of this test with these parameters."""
    title_path: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


class AllureSink(Protocol):
    """A report being written; times are clock seconds.

    The order of calls: for each test ``start_test``, then labels, links, steps (which nest) and
    attachments (to the innermost open step, else to the test), then ``stop_test`` and perhaps
    ``trace``; ``close`` at the very end.
    """

    def start_test(self, facts: TestFacts, t_s: float) -> None:
        """Begin a test; the one before it has ended."""

    def label(self, name: str, value: str) -> None:
        """Put a label on the test."""

    def link(self, kind: str, url: str, name: str) -> None:
        """Link the test to a page elsewhere."""

    def start_step(self, name: str, parameters: Mapping[str, str], t_s: float) -> None:
        """Begin a step within the innermost open one."""

    def stop_step(self, status: Status, message: str, t_s: float) -> None:
        """End the innermost open step."""

    def attach(self, name: str, body: bytes, kind: Kind) -> None:
        """Attach a file to the innermost open step, or to the test."""

    def stop_test(self, status: Status, message: str, description: str, t_s: float) -> None:
        """End the test; ``description`` is HTML."""

    def trace(self, text: str) -> None:
        """Add the trace of the error that the test has just ended with."""

    def environment(self, values: Mapping[str, str]) -> None:
        """State what the run was made with; a later call replaces an earlier one."""

    def close(self) -> None:
        """Write what is still held back."""
