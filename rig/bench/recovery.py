"""How soon a voltage is back: sample by sample, against the wave that it comes back to."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rig.measure import Budget, Capture, Component, Evidence, Measurement, Waveform
from rig.measure.rms import reference_fit

__all__ = ["recovery_time"]

_TAIL_S = 0.1
"""The end of the record, by which the wave's phase is known: it may have started anew."""
_SMOOTHED_S = 0.1e-3
"""Shorter than any change of the wave itself; the channel's noise is averaged over it."""


def recovery_time(
    capture: Capture, name: str, *, nominal_v: float, tolerance: float
) -> Measurement:
    """Return when, in s after the trigger, a voltage was back to stay within a tolerance.

    Back is it after the last instant at which it is further from a sine of nominal RMS, in phase
    with the end of the record, than ``tolerance`` (a fraction) of that sine's peak. One that is
    not back at the end of the record is given the record's length: it took longer than that.
    """
    wave = capture.waveform(name)
    away_v = _distance(wave, nominal_v)
    band_v = tolerance * math.sqrt(2.0) * nominal_v
    value_s = _back_at(wave, away_v, band_v)
    u_band = math.hypot(wave.u_gain * math.sqrt(2.0) * nominal_v, wave.u_offset)
    later, sooner = (_back_at(wave, away_v, band_v + sign * u_band) for sign in (-1.0, 1.0))
    budget = Budget(
        "s",
        (
            Component("gain and zero of the channel", "B", "normal", 0.5 * (later - sooner)),
            Component.within("smoothing", _SMOOTHED_S / 2.0),
            Component("trigger against channel", "B", "normal", capture.u_skew_s),
            Component("time base", "B", "normal", capture.u_time_base, value_s),
        ),
    )
    notes = () if value_s < wave.end_s - _TAIL_S else ("not back when the record ended",)
    evidence = Evidence(capture.capture_id, capture.instruments)
    problems = capture.problems_of(name)
    return Measurement(
        "recovery_time", value_s, "s", budget, evidence, problems, notes=notes, end_s=value_s
    )


def _distance(wave: Waveform, nominal_v: float) -> NDArray[np.float64]:
    """Return the smoothed distance from the sine, sample by sample from the trigger on."""
    fit = reference_fit(wave.between(wave.end_s - _TAIL_S, wave.end_s))
    part = wave.between(0.0, wave.end_s)
    turns = 2.0 * math.pi * fit.frequency_hz * (part.times() - fit.origin_s)
    phase = float(np.angle(fit.coefficients[1]))
    sine = math.sqrt(2.0) * nominal_v * np.cos(turns + phase)
    width = max(round(_SMOOTHED_S / wave.dt_s), 1)
    smooth = np.convolve(part.values - sine, np.full(width, 1.0 / width), mode="same")
    return np.asarray(np.abs(smooth))


def _back_at(wave: Waveform, away_v: NDArray[np.float64], band_v: float) -> float:
    outside = np.flatnonzero(away_v > band_v)
    return float(wave.dt_s * (outside[-1] + 1)) if outside.size else 0.0
