"""Stretches of samples above a threshold, and the quiet between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["debounce_samples", "quiet_after", "runs_above", "sustained_peak"]

_FULL_DEBOUNCE_HZ = 100e3
_FULL_DEBOUNCE = 5


def debounce_samples(dt_s: float) -> int:
    """Return how many samples in a row make a crossing: 5 from 100 kS/s on, fewer below."""
    return int(np.clip(round(_FULL_DEBOUNCE / (dt_s * _FULL_DEBOUNCE_HZ)), 1, _FULL_DEBOUNCE))


def runs_above(
    values: NDArray[np.float64], threshold: float, debounce: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return start and end (exclusive) of each stretch of ``|value| > threshold``.

    Stretches shorter than ``debounce`` samples are noise and left out.
    """
    above = np.empty(values.size + 2, np.bool_)
    above[0] = above[-1] = False
    np.greater(np.abs(values), threshold, out=above[1:-1])
    changes = np.flatnonzero(above[1:] != above[:-1])
    starts, ends = changes[0::2], changes[1::2]
    kept = ends - starts >= debounce
    return starts[kept], ends[kept]


def quiet_after(
    starts: NDArray[np.intp], ends: NDArray[np.intp], *, size: int, longest_gap: int
) -> tuple[int, int]:
    """Return the end of the first stretch followed by a long quiet, and the quiet's length.

    The quiet after the last stretch reaches to the end of the record, however short it is.
    """
    quiet = np.append(starts[1:], size) - ends
    long = np.flatnonzero(quiet >= longest_gap)
    which = int(long[0]) if long.size else ends.size - 1
    return int(ends[which]), int(quiet[which])


def sustained_peak(values: NDArray[np.float64], samples: int) -> float:
    """Return the largest magnitude that a block of ``samples`` never falls below.

    A spike shorter than the block (the discharge of a capacitor) does not count.
    """
    count = values.size // samples
    if samples <= 1 or count == 0:
        return float(np.max(np.abs(values)))
    blocks = np.abs(values[: count * samples]).reshape(count, samples)
    return float(np.max(np.min(blocks, axis=1)))
