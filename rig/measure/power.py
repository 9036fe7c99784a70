"""Power-quality values from samples, each with its uncertainty."""

from __future__ import annotations

import math

import numpy as np

from instruments.errors import UsageError
from rig.measure.measurement import Evidence, Measurement
from rig.measure.periodic import PeriodicFit, coarse_frequency, fit_periodic
from rig.measure.quantity import Budget, Component
from rig.measure.rms import half_cycle_rms, reference_fit, window_rms
from rig.measure.waveform import Capture, Waveform
from rig.measure.whole import of_whole_records, unknown
from rig.measure.zero import noise_of

__all__ = [
    "crest_factor",
    "dc_component",
    "frequency",
    "half_cycle_extremes",
    "i2t",
    "peak",
    "rms",
]

_FEWEST_CYCLES = 2.0
"""Of fewer, frequency and DC part cannot be told from each other."""
_CLEAR = 8.0
"""A fundamental this many times above what noise makes of one is one."""


@of_whole_records("peak")
def peak(capture: Capture, name: str, *, later_than_s: float | None = None) -> Measurement:
    """Return the largest magnitude, in the record or later than an instant after the trigger.

    The largest of many that are equal but for noise is too large by chance; what it is so in the
    mean is taken off.
    """
    wave = _part(capture, name, later_than_s, None)
    magnitude, noise = np.abs(wave.values), noise_of(wave)
    largest = float(np.max(magnitude))
    chance, scatter = _of_many(int(np.count_nonzero(magnitude > largest - 3.0 * noise)))
    value = largest - chance * noise
    components = (
        *wave.scale_components(value, 1.0),
        Component("noise", "A", "normal", noise, scatter),
        Component.within("largest of many", 0.5 * chance * noise),
    )
    return _result("peak", value, wave, components, capture)


def _of_many(count: int) -> tuple[float, float]:
    """Return mean and standard deviation of the largest of many values, in those of one.

    About 3/4 of the asymptotic bound, and the scatter of its extreme-value distribution.
    """
    bound = math.sqrt(2.0 * math.log(max(count, 1)))
    return 0.75 * bound, min(1.28 / bound, 1.0) if bound else 1.0


@of_whole_records("rms")
def rms(capture: Capture, name: str, *, start_s: float, end_s: float) -> Measurement:
    """Return the RMS over a stretch of the record (take whole cycles)."""
    wave = capture.waveform(name)
    _inside(wave, start_s, end_s)
    value = window_rms(wave, start_s, end_s)
    mean = float(np.mean(wave.between(start_s, end_s).values))
    ends = Component.within("ends of the window", value * wave.dt_s / (end_s - start_s))
    scale = _scale_of_rms(wave, value, mean / value if value else 1.0)
    return _result("rms", value, wave, (*scale, ends), capture)


def _scale_of_rms(wave: Waveform, value: float, offset: float) -> tuple[Component, ...]:
    """Return the budget lines of gain, zero and noise; codes average out over a cycle's many."""
    squares = noise_of(wave) ** 2 + wave.u_offset**2
    return (
        Component("gain of channel and probe", "B", "normal", wave.u_gain, value),
        Component("zero of channel and probe", "B", "normal", wave.u_offset, offset),
        Component.within("noise and zero add their squares", squares / (2.0 * value or 1.0)),
    )


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
    if not wave.complete():
        lowest, highest = (
            unknown(capture, name, f"{which}_half_cycle_rms", wave.unit)
            for which in ("lowest", "highest")
        )
        return lowest, highest
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
    components = (*_scale_of_rms(wave, value, 0.0), ends)
    return _result(f"{which}_half_cycle_rms", value, wave, components, capture)


@of_whole_records("i2t", "{}2s")
def i2t(capture: Capture, name: str, *, start_s: float, duration_s: float) -> Measurement:
    """Return the integral of the squared current over a window, in A2s.

    The square that the samples' own noise adds is taken off.
    """
    wave = capture.waveform(name)
    end_s = start_s + duration_s
    _inside(wave, start_s, end_s)
    noise = noise_of(wave)
    whole = window_rms(wave, start_s, end_s) ** 2 * duration_s
    value = max(whole - noise**2 * duration_s, 0.0)
    part = wave.between(start_s, end_s).values
    charge = abs(float(np.sum(part))) * wave.dt_s
    components = (
        Component("gain of channel and probe", "B", "normal", wave.u_gain, 2.0 * value),
        Component("zero of channel and probe", "B", "normal", wave.u_offset, 2.0 * charge),
        Component("square of the zero", "B", "normal", wave.u_offset**2, duration_s),
        Component("time base", "B", "normal", capture.u_time_base, value),
        Component("noise", "A", "normal", _noise_of_squares(noise, value, part.size, wave.dt_s)),
        Component.within("sampling", _coarser(wave, start_s, end_s) / 3.0),
        Component.within("ends of the window", _at_ends(wave, start_s, end_s) * wave.dt_s / 2.0),
    )
    return _result("i2t", value, wave, components, capture, unit=f"{wave.unit}2s")


def _noise_of_squares(noise: float, value: float, count: int, dt_s: float) -> float:
    """Return what is left of the noise in a sum of squares: its own scatter, and the product."""
    return noise * math.sqrt(2.0 * count * noise**2 * dt_s**2 + 4.0 * value * dt_s)


def _coarser(wave: Waveform, start_s: float, end_s: float) -> float:
    """Return by how much the integral of the square changes with every other sample."""
    part = wave.between(start_s, end_s).values
    square = part[: part.size - 1 + part.size % 2] ** 2
    fine = np.sum(square) - 0.5 * (square[0] + square[-1])
    half = square[::2]
    coarse = 2.0 * (np.sum(half) - 0.5 * (half[0] + half[-1]))
    return abs(float(fine - coarse)) * wave.dt_s


def _at_ends(wave: Waveform, start_s: float, end_s: float) -> float:
    """Return the largest square next to an end of a window, where the current may jump."""
    near = [wave.values[max(i - 1, 0) : i + 1] for i in (wave.index(start_s), wave.index(end_s))]
    return max(float(np.max(values**2)) for values in near if values.size)


@of_whole_records("frequency", "Hz")
def frequency(
    capture: Capture, name: str, *, start_s: float | None = None, end_s: float | None = None
) -> Measurement:
    """Return the frequency in Hz by a fit of fundamental and harmonics."""
    wave = _part(capture, name, start_s, end_s)
    if _cycles(wave, capture) < _FEWEST_CYCLES:
        return unknown(capture, name, "frequency", "Hz", f"{name}: too few cycles to time")
    fit = _pattern(wave, capture)
    if not abs(fit.coefficients[1]) > _CLEAR * fit.sigma * math.sqrt(2.0 / wave.values.size):
        return unknown(capture, name, "frequency", "Hz", f"{name}: no wave to time")
    components = (
        Component("fit", "A", "normal", fit.u_frequency_hz),
        Component("time base", "B", "normal", capture.u_time_base, fit.frequency_hz),
    )
    return _result("frequency", fit.frequency_hz, wave, components, capture, unit="Hz")


@of_whole_records("crest_factor", "1")
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
        Component("noise of the peak", "A", "normal", noise_of(wave), 1.0 / effective),
        Component("zero of channel and probe", "B", "normal", wave.u_offset, 1.0 / effective),
        Component.within("resolution", wave.resolution / 2.0, sensitivity=1.0 / effective),
    )
    return _result("crest_factor", largest / effective, wave, components, capture, unit="1")


@of_whole_records("dc_component")
def dc_component(
    capture: Capture, name: str, *, start_s: float | None = None, end_s: float | None = None
) -> Measurement:
    """Return the DC part, with its sign, by a fit at the waveform's own frequency."""
    wave = _part(capture, name, start_s, end_s)
    if _cycles(wave, capture) < _FEWEST_CYCLES:
        why = f"{name}: too few cycles to tell its DC part"
        return unknown(capture, name, "dc_component", wave.unit, why)
    fit = _pattern(wave, capture)
    value = float(fit.coefficients[0].real)
    noise = Component("noise", "A", "normal", fit.sigma / math.sqrt(wave.values.size))
    return _result(
        "dc_component", value, wave, (*wave.scale_components(value, 1.0), noise), capture
    )


def _cycles(wave: Waveform, capture: Capture) -> float:
    return wave.values.size * wave.dt_s * capture.nominal_hz


def _pattern(wave: Waveform, capture: Capture) -> PeriodicFit:
    """Fit the wave at its own frequency."""
    guess = coarse_frequency(wave.t0_s, wave.dt_s, wave.values, capture.nominal_hz)
    return fit_periodic(wave.t0_s, wave.dt_s, wave.values, guess_hz=guess, harmonics=15)


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
