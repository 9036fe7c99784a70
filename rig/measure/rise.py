"""Locate the beginning of a current that an electronic load lets rise to its waveform."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.measure.edge_models import EdgeInput

__all__ = ["Rise", "fit_rise"]

_Floats = NDArray[np.float64]

_LONGEST_S = 3e-3
"""Loads reach a new current within about this time (0.1 to 3 ms)."""
_HIDDEN_S = 2e-3
"""How long before the threshold is passed the rise may have begun: near a zero of the wave."""
_STARTS = 41
_RISES_S = tuple(0.05e-3 * 1.3**n for n in range(16))
_ROUNDS = 12
_MODEL_ERROR = 0.004
_GAIN = 20.0
"""Variances by which a rise explains the samples better than a jump, to be told from it."""
_STRAIGHT = 0.05
"""A rise is straight only nominally: its foot is known to this share of its length."""


@dataclass(frozen=True, slots=True)
class Rise:
    """A current that follows its waveform times a straight rise from 0 to 1."""

    start_s: float
    length_s: float
    u_fit_s: float
    u_form_s: float
    certain: bool
    """False: the current may as well have jumped, as near a zero of its waveform."""


def fit_rise(given: EdgeInput) -> Rise | None:
    """Fit the rise of a sine that the next cycle shows in full; None when it jumped."""
    wave = _steady(given)
    if wave is None:
        return None
    first = max(int(np.searchsorted(given.t_s, given.cross_s - _HIDDEN_S)), 0)
    last = int(np.searchsorted(given.t_s, given.cross_s + _LONGEST_S))
    t_s, y, wave = given.t_s[first:last], given.y[first:last], wave[first:last]
    start, length, cost = _refined(t_s, y, wave, *_coarse(given, t_s, y, wave))
    gain = _jump_cost(t_s, y, wave) - cost
    if length < 2.0 * given.dt_s or gain <= 0.0:
        return None
    spread = math.sqrt(cost / max(t_s.size - 2, 1))
    if spread > 1.5 * math.hypot(given.sigma, _MODEL_ERROR * given.peak):
        return None
    slope = _slope(t_s, wave, start, length)
    covariance = np.linalg.pinv(slope.T @ slope) * max(spread, given.sigma) ** 2
    u_form = _STRAIGHT * length / math.sqrt(3.0)
    certain = gain > _GAIN * given.sigma**2
    return Rise(start, length, math.sqrt(float(covariance[0, 0])), u_form, certain)


def _steady(given: EdgeInput) -> _Floats | None:
    """Return the sine of the cycle after the longest rise, over all samples."""
    first = int(np.searchsorted(given.t_s, given.cross_s + _LONGEST_S))
    last = min(given.on, given.t_s.size)
    if (last - first) * given.dt_s < 0.75 / given.frequency_hz:
        return None
    x = 2.0 * math.pi * given.frequency_hz * (given.t_s - given.cross_s)
    design = np.column_stack([np.ones_like(x), np.sin(x), np.cos(x)])
    solution = np.linalg.lstsq(design[first:last], given.y[first:last])[0]
    wave = np.asarray(design @ solution)
    spread = float(np.std(given.y[first:last] - wave[first:last]))
    if spread > 1.2 * math.hypot(given.sigma, _MODEL_ERROR * given.peak):
        return None
    return wave


def _ramp(t_s: _Floats, start_s: float, length_s: float) -> _Floats:
    return np.clip((t_s - start_s) / length_s, 0.0, 1.0)


def _cost(t_s: _Floats, y: _Floats, wave: _Floats, start_s: float, length_s: float) -> float:
    return float(np.sum((y - wave * _ramp(t_s, start_s, length_s)) ** 2))


def _jump_cost(t_s: _Floats, y: _Floats, wave: _Floats) -> float:
    """Return what the best jump to the waveform leaves."""
    nothing = np.concatenate([[0.0], np.cumsum(y**2)])
    follows = np.concatenate([np.cumsum(((y - wave) ** 2)[::-1])[::-1], [0.0]])
    return float(np.min(nothing + follows))


def _coarse(given: EdgeInput, t_s: _Floats, y: _Floats, wave: _Floats) -> tuple[float, float]:
    starts = np.linspace(given.cross_s - _HIDDEN_S, given.cross_s, _STARTS).tolist()
    tried = ((_cost(t_s, y, wave, s, r), s, r) for s in starts for r in _RISES_S)
    _, start, length = min(tried)
    return start, length


def _refined(
    t_s: _Floats, y: _Floats, wave: _Floats, start: float, length: float
) -> tuple[float, float, float]:
    """Improve start and length by Gauss-Newton steps, halved where they overshoot."""
    cost = _cost(t_s, y, wave, start, length)
    for _ in range(_ROUNDS):
        slope = _slope(t_s, wave, start, length)
        step = np.linalg.pinv(slope.T @ slope) @ (slope.T @ (y - wave * _ramp(t_s, start, length)))
        scale = 1.0
        while scale > 0.01:
            tried = start + scale * float(step[0]), length + scale * float(step[1])
            lower = _cost(t_s, y, wave, *tried) if 1e-6 < tried[1] <= _LONGEST_S else math.inf
            if lower < cost:
                break
            scale *= 0.5
        else:
            break
        (start, length), cost = tried, lower
    return start, length, cost


def _slope(t_s: _Floats, wave: _Floats, start_s: float, length_s: float) -> _Floats:
    """Return how the samples move with start and length."""
    share = (t_s - start_s) / length_s
    rising = np.where((share > 0.0) & (share < 1.0), wave / length_s, 0.0)
    return np.column_stack([-rising, -rising * share])
