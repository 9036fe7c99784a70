"""Find where a current departs from the periodic pattern it had before the trigger."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.measure.edge import Edge, locate_edge
from rig.measure.edge_models import DriverFinder, EdgeInput
from rig.measure.periodic import PeriodicFit, coarse_frequency, fit_periodic
from rig.measure.runs import debounce_samples, runs_above, sustained_peak
from rig.measure.waveform import Trigger, Waveform

__all__ = [
    "SHARE_OF_PEAK",
    "Before",
    "Frequency",
    "Onset",
    "find_onset",
    "fit_before",
    "locate_onset",
    "pattern_of",
]

_Floats = NDArray[np.float64]

_HARMONICS = 40
_CYCLES = 10
_GUARD_S = {"stimulus": 1e-3, "level": 15e-3, "free": 15e-3}
"""How long before time zero the stimulus may have begun, by what time zero means.

A level is passed in one direction: a current that starts with its other half-wave began up to
half a cycle, and what the level takes of the next, before."""
_FREE_S = 0.1
_SEARCH_S = 0.5
_CHUNK_S = 0.1
_SUSTAINED_S = 1e-4
_PEAK_WINDOW_S = 0.03
_SIGMAS = 6.0
_RESIDUALS = 1.3
SHARE_OF_PEAK = 0.05


@dataclass(frozen=True, slots=True)
class Frequency:
    """A mains frequency with its standard uncertainty."""

    hz: float
    u_hz: float
    known: bool
    """False: the nominal value with the band the unit may use."""


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """The current before the stimulus: a pattern, its noise, and where the fit ends."""

    fit: PeriodicFit
    sigma: float
    noise_threshold: float
    until_s: float
    samples: int = 0
    """How many the fit rests on."""

    def departure(self, wave: Waveform, start_s: float, end_s: float) -> Waveform:
        """Return the current minus the pattern, carried on, on a stretch of the record."""
        part = wave.between(start_s, end_s)
        left = part.values - self.fit.at(part.times())
        return Waveform(part.t0_s, part.dt_s, left, part.unit, part.name)


@dataclass(frozen=True, slots=True)
class Onset:
    """The first sustained departure, its threshold and the stimulus' peak."""

    cross_s: float
    threshold: float
    peak: float


def fit_before(wave: Waveform, trigger: Trigger, frequency: Frequency) -> Before | None:
    """Fit the pattern before the trigger; None when less than a cycle was recorded."""
    until = -_GUARD_S[trigger.meaning]
    if trigger.meaning == "free":
        until = wave.t0_s + min(_FREE_S, 0.4 * (wave.end_s - wave.t0_s))
    return pattern_of(wave, max(wave.t0_s, until - _CYCLES / frequency.hz), until, frequency)


def pattern_of(wave: Waveform, start_s: float, end_s: float, frequency: Frequency) -> Before | None:
    """Fit the pattern of a stretch; None when it is shorter than a cycle."""
    cycles = (end_s - start_s) * frequency.hz
    if cycles < 0.99 or wave.index(end_s) - wave.index(start_s) < 10:
        return None
    part = wave.between(start_s, end_s)
    fit = _constant(part)
    first = _fit(part, frequency.hz, harmonics=1, refine=False)
    significant = 8.0 * first.sigma * math.sqrt(2.0 / part.values.size)
    if abs(first.coefficients[1]) > significant:
        refine = cycles >= 2.0
        guess = frequency.hz
        if refine and not frequency.known:
            guess = coarse_frequency(part.t0_s, part.dt_s, part.values, frequency.hz)
        fit = _fit(part, guess, harmonics=_HARMONICS, refine=refine)
    sigma = max(fit.sigma, wave.resolution / math.sqrt(12.0), 1e-12)
    noise = max(_SIGMAS * sigma, _RESIDUALS * fit.largest_residual)
    return Before(fit, sigma, noise, end_s, part.values.size)


def _fit(part: Waveform, guess_hz: float, *, harmonics: int, refine: bool) -> PeriodicFit:
    return fit_periodic(
        part.t0_s, part.dt_s, part.values, guess_hz=guess_hz, harmonics=harmonics, refine=refine
    )


def _constant(part: Waveform) -> PeriodicFit:
    mean = float(np.mean(part.values))
    left = part.values - mean
    return PeriodicFit(
        part.t0_s,
        0.0,
        0.0,
        np.array([mean], np.complex128),
        float(np.std(left)),
        float(np.max(np.abs(left))),
    )


def find_onset(wave: Waveform, before: Before, trigger: Trigger) -> Onset | None:
    """Return the first sustained departure above 6 sigma and 5 % of its own peak."""
    reach = wave.end_s if trigger.meaning == "free" else min(_SEARCH_S, wave.end_s)
    rough = _first_above(wave, before, before.noise_threshold, before.until_s, reach)
    if rough is None:
        return None
    after = before.departure(wave, rough, min(rough + _PEAK_WINDOW_S, wave.end_s))
    peak = sustained_peak(after.values, max(int(_SUSTAINED_S / wave.dt_s), 1))
    threshold = max(before.noise_threshold, SHARE_OF_PEAK * peak)
    cross = _first_above(wave, before, threshold, rough, reach)
    return None if cross is None else Onset(cross, threshold, peak)


def _first_above(
    wave: Waveform, before: Before, threshold: float, start_s: float, reach_s: float
) -> float | None:
    """Search stretch by stretch, so that a long record is looked at only as far as needed."""
    debounce = debounce_samples(wave.dt_s)
    overlap = debounce * wave.dt_s
    while wave.index(start_s) < wave.index(reach_s):
        part = before.departure(wave, start_s, min(start_s + _CHUNK_S, reach_s))
        starts, _ = runs_above(part.values, threshold, debounce)
        if starts.size:
            return part.t0_s + part.dt_s * int(starts[0])
        if start_s + _CHUNK_S >= reach_s:
            return None
        start_s += max(_CHUNK_S - overlap, wave.dt_s)
    return None


def locate_onset(
    wave: Waveform,
    before: Before,
    onset: Onset,
    *,
    until_s: float,
    frequency: Frequency,
    may_rise: bool = False,
    driver: DriverFinder | None = None,
) -> Edge:
    """Return the instant the stimulus began; the current is known to flow ``until_s``.

    ``may_rise``: an electronic load may have made it; ``driver``: the voltage that drives it.
    """
    period = 1.0 / frequency.hz
    start = max(onset.cross_s - 0.3 * period, wave.t0_s)
    part = before.departure(wave, start, min(onset.cross_s + 1.2 * period, wave.end_s))
    return locate_edge(
        EdgeInput(
            t_s=part.times(),
            y=part.values,
            cross=part.index(onset.cross_s),
            on=part.index(until_s),
            sigma=before.sigma,
            threshold=onset.threshold,
            peak=onset.peak,
            frequency_hz=frequency.hz,
            u_frequency_hz=frequency.u_hz,
            driver=driver,
        ),
        may_rise=may_rise,
    )
