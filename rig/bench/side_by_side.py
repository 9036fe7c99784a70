"""Run bounded steps on several boxes: side by side in wall time, in order in virtual time."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from instruments.clock import Clock
from instruments.errors import BenchError
from rig.clock import VirtualClock

__all__ = ["Step", "run_steps"]

_BEGINS_S = 0.1


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do to one box; steps of one wire follow each other."""

    role: str
    address: str
    wire: str
    within_s: float
    run: Callable[[], None]
    doing: str = "making safe"


def run_steps(steps: Sequence[Step], clock: Clock) -> list[BenchError]:
    """Run every step, whatever becomes of the others; return what failed, in their order.

    In wall time each wire has a thread of its own, and a step that does not end in time is left to
    itself; in virtual time one that took longer than it may has failed.
    """
    if isinstance(clock, VirtualClock):
        return [error for step in steps if (error := _timed(step, clock)) is not None]
    wires: dict[str, _Wire] = {}
    for step in steps:
        wires.setdefault(step.wire, _Wire()).steps.append(step)
    start = clock.now()
    for wire in wires.values():
        wire.start()
    errors = {
        step: error for wire in wires.values() for step, error in wire.wait(clock.now() - start)
    }
    return [errors[step] for step in steps if step in errors]


class _Wire:
    """The steps of one wire, on a thread that keeps no process alive."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._errors: dict[Step, BenchError | None] = {}
        self._begun, self._done = threading.Event(), threading.Event()
        self._mine = threading.Lock()

    def start(self) -> None:
        """Begin on a thread of its own, if one can be had.

        Not by ``Thread.start``: that waits for the new thread, for ever where memory is short.
        """
        with suppress(RuntimeError, MemoryError):
            _thread.start_new_thread(self._run, ())

    def wait(self, gone_s: float) -> Iterable[tuple[Step, BenchError]]:
        """Return what failed, once all is done or the time of all steps together is over.

        ``gone_s`` is how much of it has gone already. A thread that has not begun by now never
        will: its steps are run here.
        """
        if not self._begun.wait(_BEGINS_S):
            self._run()
        self._done.wait(max(0.0, sum(step.within_s for step in self.steps) - gone_s))
        errors = dict(self._errors)
        for step in self.steps:
            error = errors[step] if step in errors else _late(step, "no end of it")
            if error is not None:
                yield step, error

    def _run(self) -> None:
        if not self._mine.acquire(blocking=False):
            return
        self._begun.set()
        for step in self.steps:
            self._errors[step] = _attempt(step)
        self._done.set()


def _timed(step: Step, clock: Clock) -> BenchError | None:
    start = clock.now()
    error = _attempt(step)
    took = clock.now() - start
    if error is None and took > step.within_s:
        return _late(step, f"{took:.2f} s")
    return error


def _attempt(step: Step) -> BenchError | None:
    try:
        step.run()
    except BenchError as error:
        return error
    except Exception as error:  # whatever a driver does wrong must keep no other box on
        wrapped = _failed(step, "the driver to do it", f"{type(error).__name__}: {error}")
        wrapped.__cause__ = error
        return wrapped
    return None


def _late(step: Step, got: str) -> BenchError:
    return _failed(step, f"it done within {step.within_s:g} s", got)


def _failed(step: Step, expected: str, got: str) -> BenchError:
    return BenchError(
        step.doing,
        box=step.role,
        address=step.address,
        expected=expected,
        got=got,
        did="the other boxes were made safe all the same",
    )
