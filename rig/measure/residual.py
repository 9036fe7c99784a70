"""Residual currents: their level while they flowed, their mean, and what flowed at the trip.

Levels are RMS for alternating and pulsating current, mean values for smooth direct current, as
installation testers state them (facts/domain.md sections 1.1 and 1.5).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rig.measure.measurement import Evidence, Measurement
from rig.measure.quantity import Budget, Component
from rig.measure.stimulus import StimulusProof
from rig.measure.waveform import Capture, Waveform
from rig.measure.whole import of_whole_records
from rig.measure.zero import DITHERED, noise_of

__all__ = [
    "ResidualShape",
    "averaged_components",
    "mean_current",
    "prove_levels",
    "residual_levels",
]

ResidualShape = Literal["ac", "pulsating", "dc"]

_WINDOW_CYCLES: dict[ResidualShape, float] = {"ac": 0.5, "pulsating": 1.0, "dc": 0.5}
_EDGE_S = 1e-4
"""A branch that closes, and a contact that opens, take this long at most."""


def residual_levels(
    wave: Waveform, shape: ResidualShape, start_s: float, end_s: float, frequency_hz: float
) -> NDArray[np.float64]:
    """Return the level of each window in turn; the last one ends with the stretch.

    Half a cycle makes the RMS of a sine, a whole one that of half-waves. Empty where the stretch
    is shorter than a window.
    """
    window_s = _WINDOW_CYCLES[shape] / frequency_hz
    count = int((end_s - start_s) / window_s + 1e-6)
    if count < 1:
        return np.empty(0)
    starts = [start_s + n * window_s for n in range(count)]
    if end_s - (starts[-1] + window_s) > wave.dt_s:
        starts.append(end_s - window_s)
    noise = 0.0 if shape == "dc" else noise_of(wave)
    return np.array([_level(wave.between(s, s + window_s), shape, noise) for s in starts])


def _level(part: Waveform, shape: ResidualShape, noise: float) -> float:
    if shape == "dc":
        return abs(float(np.mean(part.values)))
    return math.sqrt(max(float(np.mean(part.values**2)) - noise**2, 0.0))


def prove_levels(
    capture: Capture,
    name: str,
    *,
    shape: ResidualShape,
    low: float,
    high: float,
    start_s: float,
    end_s: float,
    wanted_s: float,
) -> StimulusProof:
    """Prove that a current kept its level from ``start_s`` to ``end_s``, window by window."""
    wave = capture.waveform(name)
    begin, end = max(start_s + _EDGE_S, wave.t0_s), min(end_s - _EDGE_S, wave.end_s)
    inside = end > begin and wave.complete()
    levels = residual_levels(wave, shape, begin, end, capture.nominal_hz) if inside else np.empty(0)
    gap = "" if levels.size else f"shorter than one window to judge it by ({shape})"
    if end > begin and not inside:
        gap = "samples are missing"
    elif wave.clipped:
        gap = "samples are clipped"
    known = levels if levels.size else np.array([math.nan])
    return StimulusProof(
        level=float(np.mean(known)),
        unit=wave.unit,
        wanted_low=low,
        wanted_high=high,
        held_s=min(end_s, wave.end_s) - max(start_s, wave.t0_s) if inside else 0.0,
        wanted_s=wanted_s,
        lowest=float(np.min(known)),
        highest=float(np.max(known)),
        gap=gap,
    )


@of_whole_records("mean_current")
def mean_current(capture: Capture, name: str, *, start_s: float, end_s: float) -> Measurement:
    """Return the mean, with its sign, over the whole cycles that end with a stretch."""
    wave = capture.waveform(name)
    cycles = int((end_s - start_s) * capture.nominal_hz + 1e-6)
    begin = end_s - cycles / capture.nominal_hz if cycles else start_s
    part = wave.between(begin, end_s)
    noise = noise_of(part) / math.sqrt(part.values.size)
    value = float(np.mean(part.values))
    components = (
        *averaged_components(part, value),
        Component("noise", "A", "normal", noise),
        Component.within("ends of the window", _swing(part) * wave.dt_s * capture.nominal_hz),
    )
    evidence = Evidence(capture.capture_id, capture.instruments)
    problems = capture.problems_of(name)
    if not cycles:
        problems = (*problems, f"{name}: less than one whole cycle for its mean")
    return Measurement(
        "mean_current", value, wave.unit, Budget(wave.unit, components), evidence, problems
    )


def averaged_components(part: Waveform, value: float) -> tuple[Component, ...]:
    """Return the budget lines of the scale of a value that many samples were averaged for.

    Noise of half a code and more makes their mean finer than the resolution.
    """
    components = part.scale_components(value, 1.0)
    if noise_of(part) < DITHERED * part.resolution:
        return components
    return tuple(each for each in components if each.name != "resolution")


def _swing(part: Waveform) -> float:
    return float(np.max(part.values) - np.min(part.values))
