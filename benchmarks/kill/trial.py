"""Run rows against a subject and say, by the truth of the bench, when everything was off."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kill.rows import Row
from benchmarks.kill.served import Served, serving
from benchmarks.kill.subject import Command, Subject
from benchmarks.kill.truth import Off, await_off

__all__ = ["BOUNDS_S", "Outcome", "run_rows", "table"]

BOUNDS_S = {"guardian": 1.0, "watchdog": 2.5, "none": None}
_LONGEST_S = 12.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row, once."""

    row: Row
    off: Off | None
    """None: the subject could not even energise."""
    output: str

    @property
    def in_time(self) -> bool:
        """Say whether everything was off, and in time."""
        if self.off is None or self.off.all_s is None:
            return False
        bound_s = BOUNDS_S[self.row.bound]
        return bound_s is None or self.off.all_s <= bound_s


def run_rows(
    rows: Iterable[Row],
    command: Command,
    folder: Path,
    *,
    longest_s: float = _LONGEST_S,
    say: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """Run each row once; benches are served anew where a row spoils one."""
    outcomes = []
    with _Benches(folder) as benches:
        for row in rows:
            outcome = _run(row, benches, command, longest_s)
            outcomes.append(outcome)
            say(f"  {_line(outcome)}")
    return outcomes


def table(outcomes: Iterable[Outcome]) -> str:
    """Lay outcomes out, one row a line; times in s from the event."""
    head = f"{'event':34} {'off':5} {'contactors':>10} {'output':>8} {'dead':>8} {'bound':>7}"
    return "\n".join([head, "-" * len(head), *(_line(each) for each in outcomes)])


class _Benches:
    """Served benches, one after another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._stack = ExitStack()
        self._served: Served | None = None

    def __enter__(self) -> _Benches:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def get(self) -> Served:
        """Return a bench on which everything is off."""
        if self._served is None:
            folder = self._folder / f"bench-{next(self._numbers)}"
            self._served = self._stack.enter_context(serving(folder))
        return self._served

    def clear(self, *, spoilt: bool, safe: bool) -> None:
        """Have the bench as it was, or another one the next time."""
        if spoilt or self._served is None:
            self._stack.close()
            self._served = None
            return
        for role in ("pack", "load_a"):
            self._served.control(f"mend {role}")
        if not safe:
            self._served.make_safe()

    def folder(self) -> Path:
        """Return a new name for a subject's folder."""
        return self._folder / f"subject-{next(self._numbers)}"


def _run(row: Row, benches: _Benches, command: Command, longest_s: float) -> Outcome:
    served = benches.get().with_plan_silence(row.plan_silence_s)
    subject = Subject(served, benches.folder(), command, row.event)
    off = None
    try:
        told = subject.energised()
        event_s = told["event_s"]
        if row.act is not None:
            event_s = time.monotonic()
            row.act(served, told)
        off = await_off(served, event_s, longest_s)
    except (RuntimeError, AssertionError) as error:
        return Outcome(row, None, f"{error}\n{subject.output()}")
    finally:
        subject.end()
        benches.clear(spoilt=row.spoils, safe=off is not None and off.all_s is not None)
    return Outcome(row, off, subject.output())


def _line(outcome: Outcome) -> str:
    off = outcome.off
    if off is None:
        return f"{outcome.row.name:34} could not energise"
    bound_s = BOUNDS_S[outcome.row.bound]
    word = "off" if off.all_s is not None else "ON"
    if off.all_s is not None and not outcome.in_time:
        word = "LATE"
    times = (_show(off.contactors_s), _show(off.output_s), _show(off.dead_s))
    bound = f"{bound_s:7.1f}" if bound_s is not None else f"{'-':>7}"
    return f"{outcome.row.name:34} {word:5} {times[0]:>10} {times[1]:>8} {times[2]:>8} {bound}"


def _show(seconds: float | None) -> str:
    return "ON" if seconds is None else f"{seconds:.3f}"
