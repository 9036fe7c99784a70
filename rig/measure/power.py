"""Power-quality values from samples, each with its uncertainty."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UsageError
from rig.measure.measurement import Evidence, Measurement
from rig.measure.periodic import coarse_frequency, fit_periodic
from rig.measure.quantity import Budget, Component
from rig.measure.rms import half_cycle_rms, reference_fit, window_rms
from rig.measure.waveform import Capture, Waveform

__all__ = [
    "crest_factor",
    "dc_component",
    "frequency",
    "half_cycle_extremes",
    "i2t",
    "peak",
    "rms",
]


def peak(capture: Capture, name: str, *, later_than_s: float | None = None) -> Measurement:
    """Return the largest magnitude, in the record or later than an instant after the trigger."""
    wave = _part(capture, name, later_than_s, None)
    value = float(np.max(np.abs(wave.values)))
    noise = Component("noise", "A", "normal", _noise(wave))
    return _result("peak", value, wave, (*wave.scale_components(value, 1.0), noise), capture)


def rms(capture: Capture, name: str, *, start_s: float, end_s: float) -> Measurement:
    """Return the RMS over a stretch of the record (take whole cycles)."""
    wave = capture.waveform(name)
    _inside(wave, start_s, end_s)
    value = window_rms(wave, start_s, end_s)
    mean = float(np.mean(wave.between(start_s, end_s).values))
    scale = wave.scale_components(value, mean / value if value else 1.0)
    ends = Component.within("ends of the window", value * wave.dt_s / (end_s - start_s))
    return _result("rms", value, wave, (*scale, ends), capture)


def half_cycle_extremes(
    capture: Capture,
    name: str,
    *,
    start_s: float,
    end_s: float | None = None,
    reference_until_s: float = 0.0,
) -> tuple[Measurement, Measurement]:
    """Return lowest and highest Urms(1/2) of windows that end within a stretch.

    The zero crossings are those of the record before ``reference_until_s``, carried on.
    """
    wave = capture.waveform(name)
    reference = reference_fit(wave.between(wave.t0_s, reference_until_s))
    trace = half_cycle_rms(wave, reference=reference)
    kept = (trace.t_s >= start_s) & (trace.t_s <= (wave.end_s if end_s is None else end_s))
    values = trace.values[kept]
    if values.size == 0:
        raise UsageError(f"{name}: no whole cycle ends on {start_s:.6g} to {end_s} s")
    low, high = float(np.min(values)), float(np.max(values))
    return _half_cycle("lowest", low, wave, capture), _half_cycle("highest", high, wave, capture)


def _half_cycle(which: str, value: float, wave: Waveform, capture: Capture) -> Measurement:
    ends = Component.within("ends of the window", value * wave.dt_s * capture.nominal_hz)
    components = (*wave.scale_components(value, 0.0), ends)
    return _result(f"{which}_half_cycle_rms", value, wave, components, capture)


def i2t(capture: Capture, name: str, *, start_s: float, duration_s: float) -> Measurement:
    """Return the integral of the squared current over a window, in A2s."""
    wave = capture.waveform(name)
    _inside(wave, start_s, start_s + duration_s)
    value = window_rms(wave, start_s, start_s + duration_s) ** 2 * duration_s
    part = wave.between(start_s, start_s + duration_s)
    absolute = float(np.mean(np.abs(part.values))) * duration_s
    largest = float(np.max(np.abs(part.values)))
    noise = _noise(wave) ** 2 * duration_s
    components = (
        Component("gain of channel and probe", "B", "normal", wave.u_gain, 2.0 * value),
        Component("zero of channel and probe", "B", "normal", wave.u_offset, 2.0 * absolute),
        Component("time base", "B", "normal", capture.u_time_base, value),
        Component.within("noise adds its square", noise),
        Component.within("ends of the window", largest**2 * wave.dt_s),
    )
    return _result("i2t", value, wave, components, capture, unit=f"{wave.unit}2s")


def frequency(
    capture: Capture, name: str, *, start_s: float | None = None, end_s: float | None = None
) -> Measurement:
    """Return the frequency in Hz by a fit of fundamental and harmonics."""
    wave = _part(capture, name, start_s, end_s)
    guess = coarse_frequency(wave.t0_s, wave.dt_s, wave.values, capture.nominal_hz)
    fit = fit_periodic(wave.t0_s, wave.dt_s, wave.values, guess_hz=guess, harmonics=15)
    components = (
        Component("fit", "A", "normal", fit.u_frequency_hz),
        Component("time base", "B", "normal", capture.u_time_base, fit.frequency_hz),
    )
    return _result("frequency", fit.frequency_hz, wave, components, capture, unit="Hz")


def crest_factor(
    capture: Capture, name: str, *, start_s: float | None = None, end_s: float | None = None
) -> Measurement:
    """Return peak over RMS, both over the whole cycles of a stretch."""
    wave = _whole_cycles(_part(capture, name, start_s, end_s))
    effective = window_rms(wave, wave.t0_s, wave.end_s - wave.dt_s)
    if effective <= 0.0:
        raise UsageError(f"{name}: a waveform without RMS has no crest factor")
    largest = float(np.max(np.abs(wave.values)))
    components = (
        Component("noise of the peak", "A", "normal", _noise(wave), 1.0 / effective),
        Component("zero of channel and probe", "B", "normal", wave.u_offset, 1.0 / effective),
        Component.within("resolution", wave.resolution / 2.0, sensitivity=1.0 / effective),
    )
    return _result("crest_factor", largest / effective, wave, components, capture, unit="1")


def dc_component(
    capture: Capture, name: str, *, start_s: float | None = None, end_s: float | None = None
) -> Measurement:
    """Return the DC part, with its sign, by a fit at the waveform's own frequency."""
    wave = _part(capture, name, start_s, end_s)
    guess = coarse_frequency(wave.t0_s, wave.dt_s, wave.values, capture.nominal_hz)
    fit = fit_periodic(wave.t0_s, wave.dt_s, wave.values, guess_hz=guess, harmonics=15)
    value = float(fit.coefficients[0].real)
    noise = Component("noise", "A", "normal", fit.sigma / math.sqrt(wave.values.size))
    return _result(
        "dc_component", value, wave, (*wave.scale_components(value, 1.0), noise), capture
    )


def _part(capture: Capture, name: str, start_s: float | None, end_s: float | None) -> Waveform:
    wave = capture.waveform(name)
    return wave.between(
        wave.t0_s if start_s is None else start_s, wave.end_s if end_s is None else end_s
    )


def _inside(wave: Waveform, start_s: float, end_s: float) -> None:
    if start_s < wave.t0_s or end_s > wave.end_s or start_s >= end_s:
        raise UsageError(
            f"waveform {wave.name}: {start_s:.6g} to {end_s:.6g} s is not inside its "
            f"{wave.t0_s:.6g} to {wave.end_s:.6g} s"
        )


def _whole_cycles(wave: Waveform) -> Waveform:
    fit = reference_fit(wave)
    cycles = int((wave.values.size - 1) * wave.dt_s * fit.frequency_hz + 1e-6)
    if cycles < 1:
        raise UsageError(f"waveform {wave.name}: one whole cycle is needed")
    return wave.between(wave.t0_s, wave.t0_s + cycles / fit.frequency_hz + wave.dt_s)


def _noise(wave: Waveform) -> float:
    """Estimate the noise by the second differences of the samples (median, so steps do not count).

    At a low sampling rate the signal's own bend counts as noise: the estimate is then too large.
    """
    if wave.values.size < 3:
        return wave.resolution / math.sqrt(12.0)
    bend: NDArray[np.float64] = np.diff(wave.values[:20_000], n=2)
    return max(
        float(np.median(np.abs(bend))) / (0.6745 * math.sqrt(6.0)),
        wave.resolution / math.sqrt(12.0),
    )


def _result(
    name: str,
    value: float,
    wave: Waveform,
    components: tuple[Component, ...],
    capture: Capture,
    *,
    unit: str | None = None,
) -> Measurement:
    unit = wave.unit if unit is None else unit
    evidence = Evidence(capture.capture_id, capture.instruments)
    problems = capture.problems_of(wave.name)
    return Measurement(name, value, unit, Budget(unit, components), evidence, problems)
