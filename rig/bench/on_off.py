"""When a voltage or current comes and goes in a record, to a few milliseconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rig.measure import Waveform

__all__ = ["comes_s", "goes_s"]

_LONGEST_ZERO_S = 0.015
"""A wave of 50 Hz is not below a level any longer than this about its zeros."""
_SHORTEST_S = 0.5e-3
"""What is there for less is noise."""


def comes_s(wave: Waveform, level: float, *, after_s: float) -> float | None:
    """Return when a magnitude first rises above a level to stay, after an instant; None = never.

    One that was there already, and stays, does not come.
    """
    return next((start for start, _ in _stretches(wave, level) if start > after_s), None)


def goes_s(wave: Waveform, level: float, *, after_s: float) -> float | None:
    """Return when a magnitude is first above a level for the last time; None = never."""
    last_s = wave.end_s - _LONGEST_ZERO_S
    return next((end for _, end in _stretches(wave, level) if after_s < end < last_s), None)


def _stretches(wave: Waveform, level: float) -> list[tuple[float, float]]:
    """Return begin and end of each stretch of wave; zeros between its half waves do not end it."""
    index = np.flatnonzero(np.abs(wave.values) > level)
    if index.size == 0:
        return []
    cuts: NDArray[np.intp] = np.flatnonzero(np.diff(index) * wave.dt_s > _LONGEST_ZERO_S)
    starts = index[np.concatenate([[0], cuts + 1])]
    ends = index[np.concatenate([cuts, [index.size - 1]])]
    times = [
        (wave.t0_s + wave.dt_s * int(a), wave.t0_s + wave.dt_s * int(b))
        for a, b in zip(starts, ends, strict=True)
    ]
    return [(a, b) for a, b in times if b - a >= _SHORTEST_S]
