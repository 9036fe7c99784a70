"""Collect the plan once, by pytest itself, and do something with it in place of running it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from instruments.errors import UsageError
from rig.qualify.job import PlanTest
from rig.run import required

__all__ = ["with_plan"]

_QUIET = ("-p", "no:terminal", "-p", "no:cacheprovider", "-s")
# The command has imported the plugin already; only assertions within it lose their details.
_IMPORTED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
Campaign = Callable[[pytest.Session, tuple[PlanTest, ...]], None]


class _Host:
    """The plugin that takes the place of pytest's own loop over the tests."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._unusable: list[str] = []
        self.error: BaseException | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why a file could not be collected."""
        if report.failed:
            self._unusable.append(f"{report.nodeid}: {_last_line(str(report.longrepr))}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> object:
        """Run the campaign; what it raises is raised again outside of pytest."""
        try:
            self._campaign(session, _tests(session.items, self._unusable))
        except BaseException as error:
            self.error = error
        return True


def with_plan(plan: Sequence[str], options: Sequence[str], campaign: Campaign) -> None:
    """Collect the plan with pytest's options, and call ``campaign`` with session and tests.

    Raises ``UsageError`` when the plan cannot be collected or holds no test.
    """
    host = _Host(campaign)
    with redirect_stderr(io.StringIO()) as complaints:
        status = pytest.main([*_QUIET, *_IMPORTED, *options, *plan], plugins=[host])
    if host.error is not None:
        raise host.error
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        where = ", ".join(plan) or str(Path.cwd())
        why = _last_line(complaints.getvalue()).removeprefix("ERROR: ").removeprefix("rig: ")
        raise UsageError(f"the plan {where} could not be collected: {why}")


def _tests(items: Sequence[pytest.Item], unusable: Sequence[str]) -> tuple[PlanTest, ...]:
    if unusable:
        raise UsageError("; ".join(unusable))
    if not items:
        raise UsageError("expected a plan with at least one test, collected none")
    return tuple(
        PlanTest(
            index,
            item.nodeid,
            item.nodeid.partition("[")[0],
            tuple(required(item)),
            skipped=item.get_closest_marker("skip") is not None,
        )
        for index, item in enumerate(items)
    )


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("E ").strip() if lines else "could not be collected"
