"""The trials of benchmarks/kill, run as tests, their table at the end of the terminal's output."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

COUNT = int(os.environ.get("RIG_SOAK_KILLS", "4"))
"""A sample; `make soak` kills 200 times."""
SEED = int(os.environ.get("RIG_SOAK_SEED", "4"))
TABLE: pytest.StashKey[str] = pytest.StashKey()


@pytest.fixture(scope="session")
def show_at_the_end(pytestconfig):
    """Keep a text for the end of the terminal's output."""

    def show(text: str) -> None:
        pytestconfig.stash[TABLE] = pytestconfig.stash.get(TABLE, "") + text + "\n"

    return show


@pytest.fixture(scope="session")
def random_kills(tmp_path_factory, request):
    """Return a function that starts random kills, where their test is to run, and gives them.

    They go on beside the other trials: both wait far more than they work.
    """
    wanted = any(item.name == "test_random_kills" for item in request.session.items)
    started: list[Future] = []
    with ThreadPoolExecutor(1) as pool:

        def start() -> Future | None:
            from benchmarks.kill.random_kills import kill_at_random

            if wanted and not started:
                folder = tmp_path_factory.mktemp("random") / "kills"
                started.append(pool.submit(kill_at_random, COUNT, SEED, folder))
            return started[0] if started else None

        yield start


def pytest_terminal_summary(terminalreporter, config) -> None:
    if text := config.stash.get(TABLE, ""):
        terminalreporter.section("what was off, how many seconds after which event")
        terminalreporter.line(text)
