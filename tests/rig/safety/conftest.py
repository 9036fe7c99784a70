"""The trials of benchmarks/kill, run as tests, their table at the end of the terminal's output."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

TABLE: pytest.StashKey[str] = pytest.StashKey()


@pytest.fixture(scope="session")
def show_at_the_end(pytestconfig):
    """Keep a text for the end of the terminal's output."""

    def show(text: str) -> None:
        pytestconfig.stash[TABLE] = pytestconfig.stash.get(TABLE, "") + text + "\n"

    return show


def pytest_terminal_summary(terminalreporter, config) -> None:
    if text := config.stash.get(TABLE, ""):
        terminalreporter.section("what was off, how many seconds after which event")
        terminalreporter.line(text)
