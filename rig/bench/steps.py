"""Write what a plan does into the record: steps, stimuli, readings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rig.recording import RecordSink

__all__ = ["Journal"]


class Journal:
    """The record as the bench writes to it."""

    def __init__(self, recorder: RecordSink) -> None:
        self.recorder = recorder
        self._depth = 0

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Bracket what belongs together; a failure inside marks the step."""
        depth = self._depth
        self.recorder.event("step.started", {"text": text, "depth": depth})
        self._depth += 1
        outcome = "broken"
        try:
            yield
            outcome = "passed"
        except AssertionError:
            outcome = "failed"
            raise
        finally:
            self._depth = depth
            self.recorder.event("step.ended", {"text": text, "depth": depth, "outcome": outcome})

    def stimulus(self, role: str, text: str, **applied: float | int | str | bool) -> None:
        """Record what is about to be applied; names carry units."""
        self.recorder.event("stimulus", {"role": role, "text": text, **applied})

    def reading(self, role: str, text: str, values: Mapping[str, float | str]) -> None:
        """Record what a box or the unit said; names carry units; what it could not say is null."""
        known = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in values.items()
        }
        self.recorder.event("reading", {"role": role, "text": text, "values": known})

    def note(self, text: str) -> None:
        """Record a sentence."""
        self.recorder.event("note", {"text": text})
