"""Locate the instant at which a current begins (or, seen backwards, ends).

A smooth model of the current is fitted on the side where it flows. Its zero is the instant, if
the samples near it agree; else the current jumped there, and the instant lies between samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rig.measure.candidates import Candidates, candidates
from rig.measure.edge_models import SETTLING_S, EdgeInput, EdgeModel, fitting_models
from rig.measure.rise import Rise, fit_rise

__all__ = ["Edge", "locate_edge"]

_SNAP_COST = 12.0
"""How much worse (in variances) a natural zero may explain the samples than a jump does."""
_GRID = 600


@dataclass(frozen=True, slots=True)
class Edge:
    """An instant with the standard uncertainties of finding it.

    ``zero``: a natural zero of the current; ``jump``: mid-cycle, between two samples; ``rise``:
    the foot of a load's rise; ``crossing``: nothing fitted, the instant of the threshold.
    """

    t_s: float
    how: Literal["zero", "jump", "rise", "crossing"]
    model: str
    u_sampling_s: float
    u_fit_s: float = 0.0
    u_frequency_s: float = 0.0
    u_noise_s: float = 0.0
    u_shape_s: float = 0.0
    """What the current may have done below the threshold, where its shape is not known."""

    @property
    def u_s(self) -> float:
        """The combined standard uncertainty of finding the instant."""
        return math.hypot(
            self.u_sampling_s, self.u_fit_s, self.u_frequency_s, self.u_noise_s, self.u_shape_s
        )


def locate_edge(given: EdgeInput, *, may_rise: bool = False) -> Edge:
    """Return the instant of the edge by the first model that fits the samples.

    ``may_rise``: an electronic load may have made the edge, which takes a while to rise, and
    begins at a zero of its waveform no rather than anywhere else.
    """
    snap = 0.0 if may_rise else _SNAP_COST
    rise = fit_rise(given) if may_rise else None
    if rise is not None and rise.certain:
        return _at_foot(given, rise)
    edge = _sharp(given, snap)
    if rise is None:
        return edge
    u_rise = (edge.t_s - rise.start_s) / math.sqrt(3.0)
    return replace(edge, u_shape_s=math.hypot(edge.u_shape_s, u_rise))


def _sharp(given: EdgeInput, snap: float) -> Edge:
    """Return a beginning without a rise; a zero may cost ``snap`` variances more than a jump."""
    model = next(fitting_models(given), None)
    if model is None:
        return _crossing(given)
    zero = _nearest_zero(given, model)
    if zero is None:
        return _jump(given, model, _before_crossing(given, model))
    at_zero = int(np.searchsorted(given.t_s, zero))
    near = _about_zero(given, model, zero)
    if near.cost(at_zero) - near.cost(near.best) > snap:
        return _jump(given, model, near)
    return _at_zero(given, model, zero, near.u_about(zero, at_zero, snap))


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


def _about_zero(given: EdgeInput, model: EdgeModel, zero_s: float) -> Candidates:
    """Weigh the samples about a zero from which current could have flowed unseen."""
    at_zero = int(np.searchsorted(given.t_s, zero_s))
    low = max(min(_hidden_from(given, model, zero_s), given.cross) - 3, 0)
    high = min(max(at_zero, given.cross) + 3, given.t_s.size)
    return candidates(given, model, low, high)


def _before_crossing(given: EdgeInput, model: EdgeModel) -> Candidates:
    """Weigh the samples of the last millisecond before the crossing."""
    low = max(int(np.searchsorted(given.t_s, given.cross_s - 1e-3)), 0)
    return candidates(given, model, low, given.cross + 1)


def _at_foot(given: EdgeInput, rise: Rise) -> Edge:
    return Edge(
        rise.start_s,
        "rise",
        f"rise of {1e3 * rise.length_s:.2f} ms",
        u_sampling_s=given.dt_s / math.sqrt(12.0),
        u_fit_s=rise.u_fit_s,
        u_shape_s=rise.u_form_s,
    )


def _at_zero(given: EdgeInput, model: EdgeModel, zero_s: float, u_noise_s: float) -> Edge:
    turn = abs(zero_s - model.middle_s) if model.sine else 0.0
    return Edge(
        zero_s,
        "zero",
        model.name,
        u_sampling_s=given.dt_s / math.sqrt(12.0),
        u_fit_s=_flatness(given, model, zero_s),
        u_frequency_s=(
            turn * given.u_frequency_hz / given.frequency_hz
            if model.driver is None
            else model.driver.u_s
        ),
        u_noise_s=u_noise_s,
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


def _jump(given: EdgeInput, model: EdgeModel, near: Candidates) -> Edge:
    """Return the instant half a sample before the first that follows the model.

    A switch has a slope: what it did below the threshold lies up to ``late`` further out. It is
    taken to be either ideal or that slow, not anything between.
    """
    dt = given.dt_s
    first = min(near.best, given.cross)
    height = abs(float(model.at(given.t_s[first : first + 1])[0]))
    late = SETTLING_S * min(given.threshold / max(height, given.sigma), 1.0)
    instant = float(given.t_s[first]) - dt / 2.0
    return Edge(
        instant - late / 2.0,
        "jump",
        model.name,
        u_sampling_s=dt / math.sqrt(12.0),
        u_noise_s=near.u_about(instant),
        u_shape_s=math.hypot(_u_shape(given, model, instant), late / 2.0),
    )


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
