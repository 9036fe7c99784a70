"""The first crossing of a level over pieces of any length: a steady hour costs one period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rig.virtual.network.zeros import Slope, Wave, first_crossing

__all__ = ["ProbePiece", "crossing"]

_STEP_S = 1e-5
_PERIOD_S = 0.0201
_CHUNK_S = 0.02


@dataclass(frozen=True, slots=True)
class ProbePiece:
    """A stretch on which one pure function of time holds, periodic from ``steady_s`` on."""

    start_s: float
    end_s: float
    steady_s: float
    wave: Wave


def crossing(pieces: Iterable[ProbePiece], level: float, slope: Slope) -> float | None:
    """Return the first crossing; a jump between two pieces counts, at their border."""
    above: bool | None = None
    for piece in pieces:
        begins = _above(piece, piece.start_s, level)
        if above is not None and begins != above and slope in ("either", _direction(begins)):
            return piece.start_s
        found = _within(piece, level, slope)
        if found is not None:
            return found
        above = _above(piece, piece.end_s, level)
    return None


def _direction(rises: bool) -> Slope:
    return "rising" if rises else "falling"


def _above(piece: ProbePiece, t_s: float, level: float) -> bool:
    return bool(piece.wave(np.array([t_s]))[0] >= level)


def _within(piece: ProbePiece, level: float, slope: Slope) -> float | None:
    """Look through the transient and one period more; the rest repeats it."""
    last = min(piece.end_s, max(piece.start_s, piece.steady_s) + _PERIOD_S)
    start = piece.start_s
    while start < last:
        end = min(start + _CHUNK_S, last)
        t_s = np.append(np.arange(start, end, _STEP_S), end)
        found = first_crossing(piece.wave, t_s, level, slope)
        if found is not None:
            return found
        start = end
    return None
