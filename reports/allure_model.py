"""Allure's own result model, filled from what a sink is told.

Allure's functions carry no annotations, so they are reached as ``Any`` here and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from allure_commons import hookimpl
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    Label,
    Link,
    Parameter,
    StatusDetails,
    TestResult,
    TestStepResult,
)

from reports.sink import Kind, Status, TestFacts
from reports.wording import CATEGORIES

__all__ = [
    "ResultsFolder",
    "TestResult",
    "TestStepResult",
    "add_label",
    "add_link",
    "first_hook",
    "parameters_of",
    "set_details",
    "set_identity",
]

_F = TypeVar("_F", bound=Callable[..., object])
_Logger: Any = AllureFileLogger
_OWN = ("*-result.json", "*-container.json", "*-attachment.*", "*-globals.json")


def first_hook(function: _F) -> _F:
    """Mark a hook of allure_commons that runs before all others."""
    marked: _F = hookimpl(tryfirst=True)(function)
    return marked


class ResultsFolder:
    """A folder of Allure results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._logger = _Logger(folder)

    @classmethod
    def cleared(cls, folder: Path) -> ResultsFolder:
        """Return the folder without the results of an earlier report; other files stay."""
        for pattern in _OWN:
            for path in folder.glob(pattern):
                path.unlink()
        return cls(folder)

    def result(self, result: TestResult) -> None:
        """Write one test."""
        self._logger.report_result(result)

    def attachment(self, name: str, body: bytes, kind: Kind) -> Attachment:
        """Write one attachment, and return what refers to it."""
        file = f"{uuid4()}-attachment.{kind.ending}"
        self._logger.report_attached_data(body, file)
        return Attachment(name=name, source=file, type=kind.mime)

    def environment(self, values: Mapping[str, str]) -> None:
        """Write what the run was made with."""
        lines = [f"{key.replace(' ', '.')} = {_escaped(value)}" for key, value in values.items()]
        path = self.folder / "environment.properties"
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")

    def categories(self) -> None:
        """Write the categories, for Allure 2; Allure 3 takes them from its configuration."""
        rules = [
            {"name": name, "matchedStatuses": [status.value]}
            | ({"messageRegex": f"(?s){begins}.*"} if begins else {})
            for name, status, begins in CATEGORIES
        ]
        path = self.folder / "categories.json"
        path.write_text(json.dumps(rules, indent=2) + "\n", encoding="utf-8")


def set_identity(result: TestResult, facts: TestFacts) -> None:
    """Give a result the names and ids of its test."""
    result.name = facts.title
    result.fullName = facts.full_name
    result.testCaseId = facts.test_case_id
    result.historyId = facts.history_id
    result.titlePath = list(facts.title_path)
    result.parameters = parameters_of(facts.parameters)


def set_details(item: TestResult | TestStepResult, status: Status, message: str) -> None:
    """Give a test or step its status, with the sentence that explains it."""
    item.status = status.value
    item.statusDetails = StatusDetails(message=message) if message else None


def parameters_of(values: Mapping[str, str]) -> list[Parameter]:
    """Return parameters as Allure keeps them."""
    return [Parameter(name=name, value=value) for name, value in values.items()]


def add_label(result: TestResult, name: str, value: str) -> None:
    """Put a label on a result, once."""
    if not any(each.name == name and each.value == value for each in result.labels):
        result.labels.append(Label(name=name, value=value))


def add_link(result: TestResult, kind: str, url: str, name: str) -> None:
    """Link a result to a page elsewhere, once."""
    if not any(each.url == url for each in result.links):
        result.links.append(Link(type=kind, url=url, name=name))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", " ")
