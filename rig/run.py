"""One run of test plans: the record, the open bench, and what became of each test."""

from __future__ import annotations

import inspect
import platform
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import pytest

from instruments.errors import BenchError, UsageError
from instruments.links import Exchange, TranscriptSink
from rig.bench import Journal, check_roles
from rig.bench.check import Finding, calibration_state
from rig.bench.console import Console
from rig.bench.either import AnyBench, bench_class
from rig.bench.guard import guarded
from rig.bench.latch import Latch, latch_of
from rig.clock import VirtualClock
from rig.in_wall_time import served_in_wall_time
from rig.measure import Requirement
from rig.outcomes import VerdictFailed, classify
from rig.recording import Recorder
from rig.safety import SafetyTrip
from rig.sentences import sentence_of
from rig.session import DEFAULT_BENCH, OpenBench, load_bench, open_bench
from rig.signals import orderly_signals

__all__ = ["PlanRun", "RunOptions", "required"]

_PACKAGES = ("pytest", "PyVISA", "PyVISA-py", "pymodbus", "numpy")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line says of a run."""

    bench: Path | None
    run_dir: Path
    seed: int
    unit_seed: int
    defect: str | None
    clock: Literal["virtual", "wall"] | None = None
    """None: the bench file's."""
    engineering: bool = False
    """Judge although a calibration is overdue: a run that nobody signs."""


def required(item: pytest.Item) -> list[str]:
    """Return the ids of the requirements that a test is marked with, nearest mark first."""
    return [each for mark in item.iter_markers("requirement") for each in mark.args]


class PlanRun:
    """Open the bench and the record; close both when the session ends.

    ``requirements`` are all that the plan could have tested.
    """

    def __init__(
        self,
        options: RunOptions,
        config: pytest.Config,
        requirements: Sequence[Requirement] = (),
    ) -> None:
        self._stack = ExitStack()
        self._counts: dict[str, int] = {}
        self._running: str | None = None
        self._outcome: tuple[str, str, str] = ("passed", "", "")
        self._broken: str | None = None
        self._closed = False
        self._left: list[str] = []
        self._sink: TranscriptSink = _forget
        with ExitStack() as stack:
            stack.enter_context(orderly_signals())
            stack.callback(self._close_recorder)
            file, simulated = _bench_file(options, stack)
            spec = load_bench(file)
            opened = stack.enter_context(
                open_bench(
                    spec,
                    file,
                    seed=options.seed,
                    unit_seed=options.unit_seed,
                    defect=None if simulated else options.defect,
                    transcript=self._keep_exchange,
                )
            )
            self.recorder = Recorder(options.run_dir, opened.clock)
            self._sink = self.recorder.exchange
            self.opened = opened
            self._begin(options, config, requirements)
            if opened.console is not None:
                console = Console(opened.console, self.recorder, opened.clock)
                stack.enter_context(console.listening())
            guard = stack.enter_context(
                guarded(spec, opened.addresses, options.run_dir, opened.clock, lock=opened.lock)
            )
            findings = self._identify(opened)
            self.bench: AnyBench = bench_class(spec)(
                spec,
                str(file),
                opened.roles,
                opened.clock,
                Journal(self.recorder),
                latch=Latch() if opened.virtual else latch_of(spec.name),
                guard=guard,
            )
            self.bench.safety.identified(findings)
            if opened.virtual is not None:
                opened.virtual.inputs.listen(self.bench.safety.look_soon)
            stack.callback(self._make_safe)
            self._stack = stack.pop_all()

    def start_test(self, item: pytest.Item) -> None:
        """Write the beginning of a test into the record."""
        self._running, self._outcome = item.nodeid, ("passed", "", "")
        doc = inspect.getdoc(getattr(item, "obj", None)) or ""
        callspec = getattr(item, "callspec", None)
        self.recorder.event(
            "test.started",
            {
                "test": item.nodeid,
                "title": _title(item),
                "description": doc,
                "requirements": required(item),
                "parameters": {k: str(v) for k, v in (callspec.params if callspec else {}).items()},
                "epic": "Outlet controller",
                "feature": _feature(item),
                "severity": "critical",
                "tags": sorted(
                    {m.name for m in item.iter_markers()} - {"requirement", "parametrize"}
                ),
            },
        )

    def note_phase(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Take the worst of a test's phases; write its end after the last."""
        if item.nodeid != self._running:
            return
        error = call.excinfo.value if call.excinfo else None
        if call.excinfo and error is not None and self._outcome[0] == "passed":
            self._outcome = (classify(error), _message(error), _trace(item, call.excinfo))
        if isinstance(error, BenchError | ExceptionGroup | SafetyTrip):
            self._broken = str(error)
        if call.when != "teardown":
            return
        outcome, message, trace = self._outcome
        self._counts[outcome] = self._counts.get(outcome, 0) + 1
        self._running = None
        self.recorder.event(
            "test.ended", {"test": item.nodeid, "outcome": outcome, "message": message}
        )
        if trace:
            self.recorder.event("test.trace", {"test": item.nodeid, "trace": trace}, hashed=False)

    @property
    def trip(self) -> SafetyTrip | None:
        """The trip that the bench is latched by, as what it raises."""
        trip = self.bench.safety.latch.trip
        return SafetyTrip(trip) if trip is not None else None

    def still_broken(self) -> str | None:
        """Say why the bench cannot be used, after asking every box again; None when it can."""
        if self.trip is not None:
            return f"{self.trip}; look after the bench, then run: rig bench reset {self.bench.file}"
        if self._broken is None:
            return None
        spec, roles = self.opened.spec, self.opened.roles
        today = self.opened.clock.utc().date()
        findings = check_roles(spec, roles, self.opened.addresses, today)
        self.bench.safety.identified(findings)
        dead = [finding for finding in findings if not finding.sound]
        if dead:
            return "the bench is broken: " + "; ".join(f"{f.role}: {f.answer}" for f in dead)
        self._broken = None
        return None

    def close(self) -> str:
        """Write the end of the run, make the bench safe, close everything; return what failed."""
        counts = {
            name: self._counts.get(name, 0)
            for name in ("passed", "failed", "broken", "inconclusive", "skipped")
        }
        if self._closed:
            return ""
        self._closed = True
        for last in (partial(self.recorder.event, "run.ended", counts), self._stack.close):
            try:
                last()
            except (ExceptionGroup, BenchError) as error:
                self._left.append(_message(error))
            except KeyboardInterrupt as error:  # the bench is made safe and closed all the same
                self._left.append(f"interrupted while ending: {_message(error)}")
        return "; ".join(self._left)

    def _make_safe(self) -> None:
        """Make the bench safe for good; take down what could not be."""
        if failures := self.bench.make_safe():
            self._left.append(
                _message(ExceptionGroup("the bench could not be made safe", failures))
            )

    def _keep_exchange(self, exchange: Exchange) -> None:
        self._sink(exchange)

    def _close_recorder(self) -> None:
        """Close the record last, so that it holds the closing of every link."""
        if self._sink is not _forget:
            self.recorder.close()

    def _begin(
        self,
        options: RunOptions,
        config: pytest.Config,
        requirements: Sequence[Requirement],
    ) -> None:
        opened = self.opened
        config.pluginmanager.hook.pytest_rig_run_started(recorder=self.recorder)
        self.recorder.event(
            "run.started",
            {
                "bench": opened.spec.name,
                "clock": "virtual" if isinstance(opened.clock, VirtualClock) else "wall",
                "seed": options.seed,
                "unit_seed": options.unit_seed,
                "defect": options.defect,
                "engineering": options.engineering,
                "earthing": opened.spec.unit.earthing,
            },
        )
        self.recorder.event(
            "run.environment",
            {
                "python": platform.python_version(),
                "platform": platform.platform(),
                "bench_file": opened.file.name,
                **{f"{name} version": version(name) for name in _PACKAGES},
            },
            hashed=False,
        )
        for each in requirements:
            facts = {n: getattr(each, n) for n in ("id", "title", "text", "version", "source")}
            self.recorder.event("requirement", facts)

    def _identify(self, opened: OpenBench) -> list[Finding]:
        today = opened.clock.utc().date()
        findings = check_roles(opened.spec, opened.roles, opened.addresses, today)
        for finding in findings:
            spec = opened.spec.roles[finding.role]
            calibration = spec.calibration
            self.recorder.event(
                "instrument",
                {
                    "role": finding.role,
                    "model": finding.model,
                    "address": finding.address,
                    "answer": finding.answer,
                    "calibration": {
                        "certificate": calibration.certificate if calibration else "",
                        "date": str(calibration.date) if calibration else "",
                        "due": str(calibration.due) if calibration else "",
                        "state": calibration_state(calibration, today),
                    },
                },
                hashed=False,
            )
        dead = [finding for finding in findings if not finding.sound]
        if dead:
            raise UsageError(
                f"{opened.file}: not every role answers as it should: "
                + "; ".join(f"{f.role} at {f.address}: {f.answer}" for f in dead)
            )
        return findings


def _bench_file(options: RunOptions, stack: ExitStack) -> tuple[Path, bool]:
    """Return the bench file to run on, and whether its boxes are simulated by another process."""
    file = options.bench or DEFAULT_BENCH
    spec = load_bench(file)
    if options.clock == "virtual" and not spec.is_virtual:
        raise UsageError(
            f"--clock virtual: {file} has real addresses, whose time is the wall's; expected a"
            " bench whose boxes are 'virtual'"
        )
    if (options.clock or spec.clock) != "wall" or not spec.is_virtual:
        return file, False
    served = served_in_wall_time(
        file, seed=options.seed, unit_seed=options.unit_seed, defect=options.defect
    )
    return stack.enter_context(served), True


def _forget(exchange: Exchange) -> None:
    """Keep nothing: there is no record yet."""


def _trace(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """Return the way from the plan to an error; none for a verdict, which says all by itself."""
    if isinstance(excinfo.value, VerdictFailed | pytest.skip.Exception):
        return ""
    return str(
        excinfo.getrepr(style="short", tbfilter=lambda each: each.traceback.cut(path=item.path))
    )


def _title(item: pytest.Item) -> str:
    """Read a test's name as the sentence it is."""
    text = sentence_of(getattr(item, "originalname", None) or item.name)
    callspec = getattr(item, "callspec", None)
    return f"{text} [{callspec.id}]" if callspec else text


def _feature(item: pytest.Item) -> str:
    return item.path.stem.removeprefix("test_").replace("_", " ").capitalize()


def _message(error: BaseException) -> str:
    if isinstance(error, ExceptionGroup):
        return f"{error.message}: " + "; ".join(str(each) for each in error.exceptions)
    return "; ".join([str(error), *getattr(error, "__notes__", [])])
