"""One worker: a forked copy of the collected session that meets one simulated unit.

A fork costs milliseconds where a new interpreter costs a second, and nothing that a test leaves in
memory reaches another unit. The tests run through pytest's own protocol and the rig's plugin, as in
``pytest testplans --defect ID``; a test compares the two records.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import IO, NoReturn

import pytest

from rig.outcomes import classify
from rig.qualify.job import Job
from rig.verify import Verifier

__all__ = ["work"]


class _Outcomes:
    """Keep the worst of a test's phases, and its verdicts."""

    def __init__(self) -> None:
        self.outcome, self.message = "passed", ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note the first error."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if error is not None and self.outcome == "passed":
            self.outcome, self.message = classify(error), str(error)
        return report


def work(session: pytest.Session, job: Job, folder: Path, pipe: int) -> NoReturn:
    """Run a job's tests in this process, say on the pipe what becomes of each, and exit."""
    status = 1
    try:
        _go_silent(folder)
        with os.fdopen(pipe, "w", encoding="utf-8") as said:
            _run(session, job, folder, said)
        status = 0
    except (BrokenPipeError, KeyboardInterrupt):
        pass  # nobody listens any more
    except BaseException:  # a bug of the rig: the pool reads it from stderr
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _go_silent(folder: Path) -> None:
    """Let nothing of the worker reach the terminal; what it complains of goes to a file."""
    folder.mkdir(parents=True)
    nowhere = os.open(os.devnull, os.O_RDWR)
    complaints = os.open(folder / "stderr.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for target, source in ((0, nowhere), (1, nowhere), (2, complaints)):
        os.dup2(source, target)
    sys.stderr = sys.__stderr__


def _run(session: pytest.Session, job: Job, folder: Path, said: IO[str]) -> None:
    config = session.config
    vars(config.option).update(job.options, run_dir=folder / "record")
    outcomes = _Outcomes()
    config.pluginmanager.register(outcomes, "rig.qualify.outcomes")
    try:
        _meet(session, job, outcomes, said)
    except pytest.exit.Exception as error:  # the bench file or the defect is not usable
        _say(said, {"usage": str(error)})
    finally:
        with suppress(BrokenPipeError):
            config.hook.pytest_sessionfinish(session=session, exitstatus=0)
            config.hook.pytest_unconfigure(config=config)
    _say(said, {"ended": True})


def _meet(session: pytest.Session, job: Job, outcomes: _Outcomes, said: IO[str]) -> None:
    """Meet each test in turn; stop at the verdict waited for, and after a rig fault."""
    items = [session.items[test.index] for test in job.tests]
    for test, item, after in zip(job.tests, items, [*items[1:], None], strict=True):
        outcomes.outcome, outcomes.message = "passed", ""
        _say(said, {"begins": test.index})
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        failed, inconclusive = _verdicts(item, outcomes.outcome, test.requirements)
        _say(
            said,
            {
                "ends": test.index,
                "outcome": outcomes.outcome,
                "failed": failed,
                "inconclusive": inconclusive,
                "message": outcomes.message,
            },
        )
        if outcomes.outcome == "broken" or job.stop_at in failed:
            return


def _verdicts(
    item: pytest.Item, outcome: str, marked: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """Return on which requirements the unit failed, and which stayed open."""
    verifier = item.stash.get(Verifier.KEY, None)
    verdicts = verifier.verdicts if verifier is not None else []
    failed = [each.requirement for each in verdicts if each.outcome == "FAIL"]
    open_ = [each.requirement for each in verdicts if each.outcome == "INCONCLUSIVE"]
    if outcome != "failed":
        failed = []
    elif not failed:  # an assertion of the test's own
        failed = list(marked)
    if outcome == "inconclusive" and not open_:
        open_ = list(marked)
    return _once(failed), _once(open_)


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _say(said: IO[str], message: dict[str, object]) -> None:
    said.write(json.dumps(message) + "\n")
    said.flush()
