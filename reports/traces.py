"""Recorded samples as they are drawn and listed: cut, and thinned to an envelope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rig.recording import Record

__all__ = ["Envelope", "Samples", "Trace", "traces_of"]

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """The lowest and highest sample of each of many stretches, one after the other."""

    times_s: Samples
    lowest: Samples
    highest: Samples


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One recorded channel; sample 0 is at ``t0_s`` after the trigger."""

    name: str
    unit: str
    t0_s: float
    dt_s: float
    values: Samples

    @property
    def end_s(self) -> float:
        """The instant of the last sample."""
        return self.t0_s + self.dt_s * (self.values.size - 1)

    def times(self) -> Samples:
        """Return the instants of the samples, s after the trigger."""
        return self.t0_s + self.dt_s * np.arange(self.values.size, dtype=np.float64)

    def between(self, start_s: float, end_s: float) -> Trace:
        """Return the samples from ``start_s`` to ``end_s`` and the next beyond; never none."""
        first = int(np.floor((start_s - self.t0_s) / self.dt_s))
        first = min(max(first, 0), self.values.size - 1)
        last = int(np.ceil((end_s - self.t0_s) / self.dt_s)) + 1
        last = min(max(last, first + 1), self.values.size)
        t0_s = self.t0_s + first * self.dt_s
        return Trace(self.name, self.unit, t0_s, self.dt_s, self.values[first:last])

    def envelope(self, stretches: int) -> Envelope:
        """Return lowest and highest of at most so many stretches; no peak is lost."""
        starts = np.linspace(0, self.values.size, min(stretches, self.values.size), endpoint=False)
        indices = np.unique(starts.astype(np.intp))
        return Envelope(
            self.times()[indices],
            np.minimum.reduceat(self.values, indices),
            np.maximum.reduceat(self.values, indices),
        )


def traces_of(record: Record, capture: dict[str, Any]) -> list[Trace]:
    """Load the channels of a ``capture`` event; none when nothing was captured."""
    channels = capture.get("channels") or []
    if not channels:
        return []
    arrays = record.waveform(capture["file"])
    return [
        Trace(c["name"], c["unit"], c["t0_s"], c["dt_s"], arrays[c["key"]].astype(np.float64))
        for c in channels
    ]
