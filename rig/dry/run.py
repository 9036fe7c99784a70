"""A dry run of test plans: no bench is opened, nothing is simulated, nothing is recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.errors import BenchError
from rig.bench import Journal
from rig.bench.either import AnyBench, bench_class
from rig.bench.envelope import OutsideEnvelope
from rig.clock import VirtualClock
from rig.dry.roles import dry_roles
from rig.dry.stimuli import NoRecord, Stimuli, StimulusList
from rig.outcomes import Inconclusive
from rig.session import DEFAULT_BENCH, load_bench

__all__ = ["DryRun", "StimulusList"]

_ANSWERS_DISLIKED = (BenchError, AssertionError, pytest.fail.Exception, Inconclusive)
"""What a plan may raise because its answers are made up; a mistake in the plan is none of them."""


class DryRun:
    """Gives plans a bench of stand-ins; ``tests`` lists what each test would have applied."""

    trip = None
    """Nothing trips what is not there."""

    def __init__(self, file: Path | None) -> None:
        path = file or DEFAULT_BENCH
        self._spec, self._file = load_bench(path), str(path)
        self._clock = VirtualClock()
        self._stimuli = Stimuli(self._clock)
        self.recorder = NoRecord()
        self.bench = self._new_bench()

    @property
    def tests(self) -> list[StimulusList]:
        """The stimuli of every test so far."""
        return self._stimuli.tests

    def start_test(self, item: pytest.Item) -> None:
        """Begin the list of a test, on a bench that no other test has touched."""
        self._stimuli.begin(item.nodeid)
        self.bench = self._new_bench()

    def still_broken(self) -> str | None:
        """Say that nothing is broken."""
        return None

    def forgives(self, error: BaseException) -> bool:
        """Say whether a test ended because it disliked a made-up answer, and take note of that."""
        if not isinstance(error, _ANSWERS_DISLIKED):
            return False
        self._stimuli.last.ended_early = str(error).partition("\n")[0]
        return True

    @property
    def refused(self) -> OutsideEnvelope | None:
        """The first stimulus of the test that runs that was refused, even if the plan hid it."""
        return self._stimuli.last.refused

    def note_phase(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Do nothing: there is no record."""

    def close(self) -> str:
        """Return that nothing failed: nothing was open."""
        return ""

    def summary(self) -> list[str]:
        """Return the lists of all tests, and a sentence on what they add up to."""
        stimuli = sum(len(test.lines) for test in self.tests)
        refused = [test for test in self.tests if test.refused]
        verdict = f"{len(refused)} refused" if refused else "every one inside the envelope"
        text = [test.text() for test in self.tests]
        return [
            *text,
            f"dry run of {len(self.tests)} tests on bench {self._spec.name!r}: {stimuli} stimuli,"
            f" {verdict}; no bench was opened",
        ]

    def _new_bench(self) -> AnyBench:
        roles = dry_roles(self._spec, self._file, self._clock, self._stimuli)
        bench = bench_class(self._spec)(
            self._spec, self._file, roles, self._clock, Journal(self.recorder)
        )
        bench.safety.identified([])
        return bench
