"""Where an output becomes another: its edge on the waveform, and what it is before and after."""

from __future__ import annotations

import math

import numpy as np

from rig.bench.switch_off import Instant
from rig.measure import Waveform
from rig.measure.periodic import PeriodicFit, coarse_frequency, fit_periodic
from rig.measure.rms import half_cycle_rms
from rig.measure.runs import debounce_samples, runs_above

__all__ = ["MARGIN_S", "amplitude_edge", "clock_edge", "fitted", "levels"]

MARGIN_S = 2e-3
"""Left out next to an edge."""
_CHANGED = 0.03
"""Of the peak: so far from what it was, a wave is another."""
_SMOOTHED_S = 0.1e-3
_CLEARLY = 1.5
_JUMPED = 2.0
"""Faster than a deviation grows from a zero by so much, it was there at once."""
_NOISE = 6.0
_PHASE_RAD = 0.01
"""A phase by a fit over several cycles is known that well."""
_SHORTEST_S = 0.033


def fitted(wave: Waveform, start_s: float, end_s: float, nominal_hz: float) -> PeriodicFit:
    """Fit a stretch of a wave at its own frequency."""
    part = wave.between(start_s, end_s)
    guess = coarse_frequency(part.t0_s, part.dt_s, part.values, nominal_hz)
    return fit_periodic(part.t0_s, part.dt_s, part.values, guess_hz=guess, harmonics=5)


def amplitude_edge(wave: Waveform, before: PeriodicFit, from_s: float) -> Instant | None:
    """Return when a wave leaves the pattern that it had; None = never.

    Next to a zero of the wave the deviation is small for a while, before and after it.
    """
    part = wave.between(from_s, wave.end_s)
    width = max(round(_SMOOTHED_S / part.dt_s), 1)
    plain = part.values - before.at(part.times())
    away = np.convolve(plain, np.full(width, 1.0 / width), mode="same")
    peak = abs(complex(before.coefficients[1]))
    level = max(_CHANGED * peak, _NOISE * before.sigma / math.sqrt(width))
    starts, _ = runs_above(away, level, debounce_samples(part.dt_s))
    if not starts.size:
        return None
    first = int(starts[0])
    seen_s, cycle = part.t0_s + part.dt_s * first, round(1.0 / before.frequency_hz / part.dt_s)
    largest = float(np.max(np.abs(away[first : first + cycle])))
    omega = 2.0 * math.pi * before.frequency_hz
    growth = _JUMPED * largest * omega * _SMOOTHED_S
    if np.max(np.abs(away[first : first + width])) > _CLEARLY * level + growth:
        return Instant(seen_s, _SMOOTHED_S)
    unseen_s = math.asin(min(level / largest, 1.0)) / omega
    return Instant(seen_s - unseen_s, unseen_s + _SMOOTHED_S)


def clock_edge(before: PeriodicFit, after: PeriodicFit) -> Instant | None:
    """Return when two frequencies have one phase, nearest to the trigger; None = one frequency."""
    slope = 2.0 * math.pi * (after.frequency_hz - before.frequency_hz)
    if abs(slope) < _PHASE_RAD:
        return None
    apart = (_phase_at_0(after) - _phase_at_0(before) + math.pi) % (2.0 * math.pi) - math.pi
    return Instant(-apart / slope, _PHASE_RAD / abs(slope))


def levels(wave: Waveform, start_s: float, end_s: float, hertz: float) -> list[float]:
    """Return the one-cycle RMS at each half cycle of a stretch; nothing of one too short."""
    if end_s - start_s < _SHORTEST_S:
        return []
    found = half_cycle_rms(wave.between(start_s, end_s), frequency_hz=hertz)
    return [float(value) for value in found.values]


def _phase_at_0(fit: PeriodicFit) -> float:
    angle = float(np.angle(fit.coefficients[1]))
    return angle - 2.0 * math.pi * fit.frequency_hz * fit.origin_s
