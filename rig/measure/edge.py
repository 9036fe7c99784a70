"""Locate the instant at which a current begins (or, seen backwards, ends).

A smooth model of the current is fitted on the side where it flows. Its zero is the instant, if
the samples near it agree; else the current jumped there, and the instant lies between samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rig.measure.edge_models import EdgeInput, EdgeModel, fitting_models

__all__ = ["Edge", "locate_edge"]

_SNAP_COST = 12.0
"""How much worse (in variances) a natural zero may explain the samples than a jump does."""
_GRID = 600


@dataclass(frozen=True, slots=True)
class Edge:
    """An instant with the standard uncertainties of finding it.

    ``zero``: a natural zero of the current; ``jump``: mid-cycle, between two samples;
    ``crossing``: nothing fitted, the instant of the threshold.
    """

    t_s: float
    how: Literal["zero", "jump", "crossing"]
    model: str
    u_sampling_s: float
    u_fit_s: float = 0.0
    u_frequency_s: float = 0.0
    u_noise_s: float = 0.0
    u_shape_s: float = 0.0
    """What the current may have done below the threshold, where its shape is not known."""


def locate_edge(given: EdgeInput) -> Edge:
    """Return the instant of the edge by the first model that fits the samples."""
    model = next(fitting_models(given), None)
    if model is None:
        return _crossing(given)
    zero = _nearest_zero(given, model)
    if zero is None:
        return _jump(given, model, _first_on(given, model, given.cross_s))
    first, gain = _better_jump(given, model, zero)
    if gain > _SNAP_COST * (given.sigma**2 + model.misfit**2):
        return _jump(given, model, first)
    return _at_zero(given, model, zero)


def _nearest_zero(given: EdgeInput, model: EdgeModel) -> float | None:
    """Return the model's last zero (or touch of zero) before the crossing, within 1/4 cycle."""
    reach = min(0.25 / given.frequency_hz, given.cross_s - float(given.t_s[0]))
    grid = np.linspace(given.cross_s - reach, given.cross_s + 2.0 * given.dt_s, _GRID)
    curve = model.at(grid)
    if curve[-1] * given.y[given.cross] <= 0.0:
        return None
    changes = np.flatnonzero(curve[1:] * curve[:-1] <= 0.0)
    if changes.size:
        i = int(changes[-1])
        return float(grid[i] - curve[i] * (grid[i + 1] - grid[i]) / (curve[i + 1] - curve[i]))
    nearest = int(np.argmin(np.abs(curve)))
    touches = 0 < nearest < _GRID - 1 and abs(float(curve[nearest])) < given.threshold
    return float(grid[nearest]) if touches else None


def _hidden_from(given: EdgeInput, model: EdgeModel, zero_s: float) -> int:
    """Return the first sample before a zero from which on the curve stays below the threshold.

    Current that began there, on the far side of the zero, would not have crossed it.
    """
    last = int(np.searchsorted(given.t_s, zero_s))
    first = max(last - int(0.25 / given.frequency_hz / given.dt_s), 0)
    visible = np.flatnonzero(np.abs(model.at(given.t_s[first:last])) > given.threshold)
    return first + (int(visible[-1]) if visible.size else 0)


def _costs(given: EdgeInput, model: EdgeModel, low: int, high: int) -> list[float]:
    """Return, for each sample, the misfit of "nothing before it, the model from it on"."""
    y = given.y[low:high]
    curve = model.at(given.t_s[low:high])
    nothing = np.concatenate([[0.0], np.cumsum(y**2)])
    modelled = np.concatenate([[0.0], np.cumsum((y - curve) ** 2)])
    costs: list[float] = (nothing + modelled[-1] - modelled).tolist()
    return costs


def _better_jump(given: EdgeInput, model: EdgeModel, zero_s: float) -> tuple[int, float]:
    """Return the best first sample for a jump, and how much less it costs than the zero."""
    at_zero = int(np.searchsorted(given.t_s, zero_s))
    low = max(min(_hidden_from(given, model, zero_s), given.cross) - 3, 0)
    high = min(max(at_zero, given.cross) + 3, given.t_s.size)
    costs = _costs(given, model, low, high)
    best = int(np.argmin(costs))
    return low + best, costs[at_zero - low] - costs[best]


def _first_on(given: EdgeInput, model: EdgeModel, cross_s: float) -> int:
    """Return the best first sample of a current that jumps, at or before the crossing."""
    low = max(int(np.searchsorted(given.t_s, cross_s - 1e-3)), 0)
    return low + int(np.argmin(_costs(given, model, low, given.cross + 1)))


def _at_zero(given: EdgeInput, model: EdgeModel, zero_s: float) -> Edge:
    turn = abs(zero_s - model.middle_s) if model.sine else 0.0
    return Edge(
        zero_s,
        "zero",
        model.name,
        u_sampling_s=given.dt_s / math.sqrt(12.0),
        u_fit_s=_flatness(given, model, zero_s),
        u_frequency_s=turn * given.u_frequency_hz / given.frequency_hz,
        u_shape_s=_u_shape(given, model, zero_s),
    )


def _flatness(given: EdgeInput, model: EdgeModel, zero_s: float) -> float:
    """Return half the time for which the curve cannot be told from zero."""
    reach = 0.1 / given.frequency_hz
    t = zero_s + np.linspace(-reach, reach, 2 * _GRID + 1)
    u_value = model.u_at(zero_s)
    told = np.flatnonzero(np.abs(model.at(t)) > u_value)
    step = reach / _GRID
    before, after = told[told < _GRID], told[told > _GRID]
    width = (after[0] if after.size else 2 * _GRID) - (before[-1] if before.size else 0)
    slope = abs(float(np.diff(model.at(zero_s + np.array([-step, step])))[0])) / (2.0 * step)
    return u_value / slope if width <= 4 and slope > 0.0 else 0.5 * step * float(width)


def _u_shape(given: EdgeInput, model: EdgeModel, instant_s: float) -> float:
    """Return what an unknown shape below the threshold is worth; 0 where the shape is known."""
    return 0.0 if model.exact else abs(given.cross_s - instant_s) / math.sqrt(12.0)


def _jump(given: EdgeInput, model: EdgeModel, first: int) -> Edge:
    """Return the instant half a sample before the first that follows the model."""
    dt = given.dt_s
    first = min(first, given.cross)
    height = abs(float(model.at(given.t_s[first : first + 1])[0]))
    return Edge(
        float(given.t_s[first]) - dt / 2.0,
        "jump",
        model.name,
        u_sampling_s=dt / math.sqrt(12.0),
        u_noise_s=_u_of_jump(given.sigma, height, dt),
        u_shape_s=_u_shape(given, model, float(given.t_s[first])),
    )


def _u_of_jump(sigma: float, height: float, dt_s: float) -> float:
    """Return how far noise moves the best instant of a step of this height.

    A step of h in noise of sigma is placed within about 2 (sigma/h)^2 samples; one that stands
    well above the noise is placed exactly.
    """
    ratio = sigma / max(height, sigma)
    return dt_s * 2.0 * ratio**2 if ratio > 0.2 else 0.0


def _crossing(given: EdgeInput) -> Edge:
    """Return the crossing of the threshold; the current began that late by the local slope."""
    dt, cross = given.dt_s, given.cross
    after = min(cross + max(int(1e-4 / dt), 1), given.t_s.size - 1)
    climb = abs(float(given.y[after])) - abs(float(given.y[cross - 1]))
    slope = max(climb, given.threshold) / (dt * (after - cross + 1))
    late = given.threshold / slope
    return Edge(
        given.cross_s - dt / 2.0 - late / 2.0,
        "crossing",
        "none",
        u_sampling_s=dt / math.sqrt(12.0),
        u_noise_s=given.sigma / slope,
        u_shape_s=late / math.sqrt(12.0),
    )
