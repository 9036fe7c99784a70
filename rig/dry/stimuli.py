"""What a dry run writes down: the stimuli of each test, and no record of anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.clock import Clock
from rig.bench.envelope import OutsideEnvelope
from rig.recording import WaveformRef

__all__ = ["NoRecord", "Stimuli", "StimulusList"]


@dataclass(slots=True)
class StimulusList:
    """The stimuli of one test, in order."""

    test: str
    start_s: float
    lines: list[tuple[float, str, str]] = field(default_factory=list)
    """Seconds since the test began, role, what would be applied."""
    refused: OutsideEnvelope | None = None
    """The first stimulus that is outside the envelope."""
    ended_early: str | None = None
    """Why the plan went no further: it did not like a made-up answer."""

    def text(self) -> str:
        """Lay the list out, one stimulus a line."""
        rows = [f"  {t_s:10.2f} s  {role:<14}{what}" for t_s, role, what in self.lines]
        if self.refused:
            rows.append(f"  REFUSED       {self.refused}")
        if self.ended_early:
            rows.append(f"  went no further on made-up answers: {self.ended_early}")
        return "\n".join([self.test, *rows])


class Stimuli:
    """Where every stand-in notes what it is told; ``tests`` has a list for each test."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.tests: list[StimulusList] = []

    def begin(self, test: str) -> None:
        """Begin the list of a test."""
        self.tests.append(StimulusList(test, self._clock.now()))

    @property
    def last(self) -> StimulusList:
        """The list of the test that runs."""
        if not self.tests:
            self.begin("before the first test")
        return self.tests[-1]

    def refuse(self, error: OutsideEnvelope) -> None:
        """Note what was outside; the first counts, for others follow from it."""
        self.last.refused = self.last.refused or error

    def note(self, role: str, what: str) -> None:
        """Note one stimulus."""
        now = self._clock.now()
        self.last.lines.append((now - self.last.start_s, role, what))


class NoRecord:
    """Takes what a run records and keeps nothing: nothing happens in a dry run."""

    folder: Path | None = None

    def event(
        self, kind: str, data: Mapping[str, Any] | None = None, *, hashed: bool = True
    ) -> int:
        """Forget an event."""
        return 0

    def samples(
        self, name: str, samples: Mapping[str, NDArray[np.float64]], steps: Mapping[str, float]
    ) -> WaveformRef:
        """Forget samples."""
        return WaveformRef("", "")
