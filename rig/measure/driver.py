"""The voltage that drives a current: of a resistive current it is the shape."""

from __future__ import annotations

import math

import numpy as np

from rig.measure.edge_models import Driver
from rig.measure.onset import Before, Frequency, fit_before, pattern_of
from rig.measure.waveform import Capture

__all__ = ["driver_before", "driver_until"]

_CYCLES = 5.0
_FEW_CYCLES = 4.0
"""Of fewer, those before the trigger tell the shape better."""
_LAST_S = 2e-4
"""Before an end, left out of the fit: the voltage may end a little earlier."""


def driver_before(capture: Capture, name: str | None, frequency: Frequency) -> Driver | None:
    """Return the shape that a voltage had before the trigger, carried on; None without one."""
    if name is None:
        return None
    fitted = fit_before(capture.waveform(name), capture.trigger, frequency)
    return _driver(capture, fitted, frequency, 0.02)


def driver_until(
    capture: Capture, name: str | None, start_s: float, end_s: float, frequency: Frequency
) -> Driver | None:
    """Return the shape of the last cycles of a stretch; None where there was none before."""
    if name is None:
        return None
    first_s = max(start_s, end_s - _CYCLES / frequency.hz)
    if end_s - _LAST_S <= first_s:
        return None
    wave = capture.waveform(name)
    if (end_s - first_s) * frequency.hz < _FEW_CYCLES:
        fitted = fit_before(wave, capture.trigger, frequency)
        return _driver(capture, fitted, frequency, end_s)
    fitted = pattern_of(wave, first_s, end_s - _LAST_S, frequency)
    return _driver(capture, fitted, frequency, 0.0)


def _driver(
    capture: Capture, fitted: Before | None, frequency: Frequency, carried_s: float
) -> Driver | None:
    """Judge how well the phase is known, carried on by so much from the end of the fit."""
    if fitted is None or fitted.fit.coefficients.size < 2:
        return None
    fit = fitted.fit
    height = abs(complex(fit.coefficients[1]))
    middle_s = carried_s + abs(fitted.until_s - fit.origin_s)
    slope = 2.0 * math.pi * fit.frequency_hz * height
    noise_s = fitted.sigma / slope * math.sqrt(2.0 / max(fitted.samples, 1))
    u_hz = fit.u_frequency_hz or frequency.u_hz
    drift_s = middle_s * u_hz / fit.frequency_hz
    mean = float(fit.coefficients[0].real)
    return Driver(
        lambda t: np.asarray(fit.at(t) - mean),
        math.hypot(noise_s, drift_s, capture.u_skew_s),
    )
