"""A pool of workers: forks them, listens to all of them, and leaves none behind."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from instruments.errors import UsageError
from rig.qualify.job import Broken, Job, JobResult, Outcome, PlanTest
from rig.qualify.worker import work

__all__ = ["Pool"]

_GRACE_S = 5.0
_LOOK_S = 0.5
_COMPLAINT_CHARS = 500


@dataclass(slots=True)
class _Worker:
    """One child process, and what it has said so far."""

    pid: int
    pipe: int
    result: JobResult
    folder: Path
    began_s: float
    heard_s: float
    unread: bytes = b""
    running: PlanTest | None = None
    ended: bool = False
    tests: dict[int, PlanTest] = field(default_factory=dict)


class Pool:
    """Run jobs in forked copies of a collected session, ``size`` at a time.

    A worker that dies, or that says nothing for ``silence_s``, leaves the test it was at as broken;
    the rest of its tests go to a new one. Where ``keep`` is false, records are deleted when their
    job is done.
    """

    def __init__(
        self,
        session: pytest.Session,
        folder: Path,
        *,
        size: int,
        silence_s: float,
        keep: bool = False,
    ) -> None:
        self._session, self._folder = session, folder
        self._size, self._silence_s, self._keep = size, silence_s, keep
        self._workers: dict[int, _Worker] = {}
        # A pool before this one, on another bench, may have left records of the same units.
        self._started = sum(1 for _ in folder.iterdir()) if folder.exists() else 0

    def run(self, jobs: Sequence[Job], done: Callable[[JobResult], None]) -> None:
        """Run every job; call ``done`` with each as it ends. No child is left on the way out."""
        waiting = deque(JobResult(job) for job in jobs)
        try:
            while waiting or self._workers:
                while waiting and len(self._workers) < self._size:
                    self._start(waiting.popleft())
                for result in self._listen():
                    if result.remaining():
                        waiting.appendleft(result)
                    else:
                        done(result)
        finally:
            self._stop_all()

    def _start(self, result: JobResult) -> None:
        self._started += 1
        folder = self._folder / f"{self._started:04d}-{result.job.name.replace('/', '-')}"
        job = replace(result.job, tests=result.remaining())
        reads, writes = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reads)
            for worker in self._workers.values():  # or a sister would keep their ends open
                os.close(worker.pipe)
            work(self._session, job, folder, writes)
        os.close(writes)
        now_s = time.monotonic()
        tests = {each.index: each for each in job.tests}
        self._workers[reads] = _Worker(pid, reads, result, folder, now_s, now_s, tests=tests)

    def _listen(self) -> list[JobResult]:
        """Take in what the workers say; return the jobs whose worker has gone."""
        ready, _, _ = select.select(list(self._workers), [], [], _LOOK_S)
        now_s = time.monotonic()
        for pipe in ready:
            self._workers[pipe].heard_s = now_s
        gone = [worker for pipe in ready if not self._hear(worker := self._workers[pipe])]
        for worker in self._workers.values():
            if now_s - worker.heard_s > self._silence_s:
                os.kill(worker.pid, signal.SIGKILL)
                worker.heard_s = now_s
        return [self._bury(worker) for worker in gone]

    def _hear(self, worker: _Worker) -> bool:
        """Read what is there; return False at the end."""
        data = os.read(worker.pipe, 65536)
        *lines, worker.unread = (worker.unread + data).split(b"\n")
        for line in lines:
            self._take(worker, json.loads(line))
        return bool(data)

    def _take(self, worker: _Worker, said: dict[str, object]) -> None:
        match said:
            case {"usage": message}:
                raise UsageError(str(message).removeprefix("rig: "))
            case {"begins": int(index)}:
                worker.running = worker.tests[index]
            case {"ends": int(index), "outcome": str(outcome), "message": str(message)}:
                test, worker.running = worker.tests[index], None
                if outcome == "broken":
                    worker.result.broken.append(Broken(test, message))
                    return
                failed, open_ = _names(said["failed"]), _names(said["inconclusive"])
                worker.result.outcomes.append(Outcome(test, outcome, failed, open_, message))
            case {"ended": True}:
                worker.ended = True

    def _bury(self, worker: _Worker) -> JobResult:
        """Reap a worker that has closed its pipe; a test it was at, or never began, is broken."""
        os.close(worker.pipe)
        del self._workers[worker.pipe]
        _, status = os.waitpid(worker.pid, 0)
        result = worker.result
        result.seconds += time.monotonic() - worker.began_s
        if not worker.ended:
            left = worker.running or result.remaining()[0]
            message = f"the worker ended by {_ending(status)}{_complaint(worker.folder)}"
            result.broken.append(Broken(left, message))
        if not self._keep:
            shutil.rmtree(worker.folder, ignore_errors=True)
        return result

    def _stop_all(self) -> None:
        """End every worker: in order where it listens, by force where it does not."""
        for worker in self._workers.values():
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGTERM)
        until_s = time.monotonic() + _GRACE_S
        for worker in self._workers.values():
            while not _reaped(worker.pid):
                if time.monotonic() > until_s:
                    os.kill(worker.pid, signal.SIGKILL)
                    os.waitpid(worker.pid, 0)
                    break
                select.select([], [], [], 0.02)
            os.close(worker.pipe)
        self._workers.clear()


def _reaped(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG)[0] == pid


def _ending(status: int) -> str:
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return f"exit code {os.waitstatus_to_exitcode(status)}"


def _complaint(folder: Path) -> str:
    file = folder / "stderr.txt"
    text = file.read_text(errors="replace").strip() if file.is_file() else ""
    return f": {text[-_COMPLAINT_CHARS:]}" if text else ""


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
