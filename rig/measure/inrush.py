"""Inrush of a load: its peak, what it let through, its multiple, and when it had settled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rig.measure.measurement import Evidence, Measurement
from rig.measure.power import i2t, peak, rms
from rig.measure.quantity import Budget, Component
from rig.measure.rms import reference_fit, rms_from
from rig.measure.waveform import Capture
from rig.measure.whole import unknown

__all__ = ["Inrush", "inrush"]

_SETTLED = 1.1
"""An inrush is over below this multiple of the steady RMS."""
_I2T_S = 0.01
_STEADY_CYCLES = 10


@dataclass(frozen=True, slots=True)
class Inrush:
    """What a capture tells of an inrush (facts/domain.md section 2.5)."""

    peak: Measurement
    i2t: Measurement
    multiple: Measurement
    """The largest half-cycle RMS over the steady RMS ("inrush_multiple")."""
    settles: Measurement
    """From the onset to the last half-cycle RMS above 110 % of steady ("inrush_time")."""


def inrush(capture: Capture, name: str, *, onset_s: float = 0.0) -> Inrush:
    """Measure the inrush of a current that begins at ``onset_s`` and is steady at the record's end.

    Steady are the last ten cycles; half-cycle windows begin at the onset.
    """
    wave = capture.waveform(name)
    if not wave.complete():
        return _unknown(capture, name, wave.unit)
    end_s = wave.end_s - wave.dt_s
    fit = reference_fit(wave.between(end_s - _STEADY_CYCLES / capture.nominal_hz, end_s))
    period_s = 1.0 / fit.frequency_hz
    steady = rms(capture, name, start_s=end_s - _STEADY_CYCLES * period_s, end_s=end_s)
    trace = rms_from(wave, onset_s, period_s)
    highest = float(np.max(trace.values))
    above = np.flatnonzero(trace.values > _SETTLED * steady.value)
    over_s = float(trace.t_s[above[-1]]) - onset_s if above.size else 0.0
    problems = steady.problems
    tail = trace.values[-2 * _STEADY_CYCLES :]
    if float(np.max(tail) - np.min(tail)) > (_SETTLED - 1.0) * steady.value:
        problems = (*problems, f"{name}: not steady within the record")
    share = min(steady.budget.u / steady.value, 1.0) if steady.value > 0.0 else 1.0
    ratio = highest / steady.value if steady.value > 0.0 else math.nan
    evidence = Evidence(capture.capture_id, capture.instruments)
    budget = Budget("1", (Component("steady RMS", "B", "normal", share, min(ratio, 1e6)),))
    window = Component.within("half-cycle steps", 0.25 * period_s)
    return Inrush(
        peak(capture.between(onset_s, math.inf), name),
        i2t(capture, name, start_s=onset_s, duration_s=_I2T_S),
        Measurement("inrush_multiple", ratio, "1", budget, evidence, problems),
        Measurement("inrush_time", over_s, "s", Budget("s", (window,)), evidence, problems),
    )


def _unknown(capture: Capture, name: str, unit: str) -> Inrush:
    return Inrush(
        unknown(capture, name, "peak", unit),
        unknown(capture, name, "i2t", f"{unit}2s"),
        unknown(capture, name, "inrush_multiple", "1"),
        unknown(capture, name, "inrush_time", "s"),
    )
