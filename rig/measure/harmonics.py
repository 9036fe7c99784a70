"""Harmonic content over ten cycles of the waveform's own frequency (IEC 61000-4-7 subgroups)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UsageError
from rig.measure.measurement import Evidence, Measurement
from rig.measure.periodic import PeriodicFit, coarse_frequency, fit_periodic
from rig.measure.quantity import Budget, Component
from rig.measure.waveform import Capture, Waveform
from rig.measure.whole import of_whole_records, unknown
from rig.measure.zero import noise_of

__all__ = ["subgroups", "thd"]

_CYCLES = 10
_CLEAR = 10.0
"""A fundamental this many times above the noise of a line is one."""


@of_whole_records("thd", "%")
def thd(
    capture: Capture, name: str, *, start_s: float | None = None, highest_order: int = 40
) -> Measurement:
    """Return the THD in percent of the fundamental, from harmonic subgroups 2 to the highest.

    The window is ten cycles at the fitted frequency, so nothing leaks when it is not nominal. What
    the samples' own noise adds to the subgroups in the mean is taken off.
    """
    wave = capture.waveform(name)
    groups = subgroups(
        wave, start_s=start_s, highest_order=highest_order, nominal_hz=capture.nominal_hz
    )
    if not groups[0] > _CLEAR * max(_noise_of_line(wave, capture.nominal_hz), _rounding(wave)):
        return unknown(capture, name, "thd", "%", f"{name}: no fundamental to compare with")
    raised = 100.0 * float(np.linalg.norm(groups[1:])) / float(groups[0])
    line = 100.0 * _noise_of_line(wave, capture.nominal_hz) / float(groups[0])
    lines = 2.0 * 3.0 * (highest_order - 1)
    value = math.sqrt(max(raised**2 - lines * line**2, 0.0))
    budget = Budget(
        "%",
        (
            Component("noise of the lines", "A", "normal", _scatter(value, line, lines)),
            Component.within("noise taken off", 0.5 * (raised - value)),
            Component("linearity of the channel", "B", "normal", wave.u_gain, 0.1 * value),
        ),
    )
    evidence = Evidence(capture.capture_id, capture.instruments)
    return Measurement("thd", value, "%", budget, evidence, capture.problems_of(name))


def subgroups(
    wave: Waveform,
    *,
    start_s: float | None = None,
    highest_order: int = 40,
    nominal_hz: float = 50.0,
) -> NDArray[np.float64]:
    """Return the RMS of harmonic subgroups 1 to ``highest_order`` over ten cycles."""
    part, fit = _ten_cycles(wave, start_s, highest_order, nominal_hz)
    lines = np.abs(fit.coefficients[1:]) / math.sqrt(2.0)
    times = part.times()
    left = part.values - fit.at(times)
    orders = np.arange(1, lines.size + 1, dtype=np.float64)
    below = _line(left, times - part.t0_s, fit.frequency_hz * (orders - 1.0 / _CYCLES))
    above = _line(left, times - part.t0_s, fit.frequency_hz * (orders + 1.0 / _CYCLES))
    return np.asarray(np.sqrt(lines**2 + below**2 + above**2))


def _ten_cycles(
    wave: Waveform, start_s: float | None, highest_order: int, nominal_hz: float
) -> tuple[Waveform, PeriodicFit]:
    start = wave.t0_s if start_s is None else start_s
    rough = wave.between(start, min(start + 1.2 * _CYCLES / nominal_hz, wave.end_s))
    if 0.45 / (wave.dt_s * nominal_hz) < highest_order:
        raise UsageError(
            f"waveform {wave.name}: {1.0 / wave.dt_s:.6g} S/s is too slow for order {highest_order}"
        )
    guess = coarse_frequency(rough.t0_s, rough.dt_s, rough.values, nominal_hz)
    found = fit_periodic(rough.t0_s, rough.dt_s, rough.values, guess_hz=guess, harmonics=15)
    needed = _CYCLES / found.frequency_hz
    if start + needed > wave.end_s + wave.dt_s:
        raise UsageError(f"waveform {wave.name}: ten cycles ({needed:.4f} s) are needed for THD")
    part = wave.between(start, start + needed)
    fit = fit_periodic(
        part.t0_s,
        part.dt_s,
        part.values,
        guess_hz=found.frequency_hz,
        harmonics=highest_order,
    )
    return part, fit


def _line(
    left: NDArray[np.float64], t: NDArray[np.float64], frequencies_hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the RMS of single spectral lines of a signal that has no strong ones.

    Samples are equidistant, so a turn is one of a row of samples times one within a row.
    """
    width = math.isqrt(t.size)
    rows = -(-t.size // width)
    padded = np.zeros(rows * width)
    padded[: t.size] = left
    turns = -2j * math.pi * (float(t[-1] - t[0]) / (t.size - 1)) * frequencies_hz
    within = np.exp(np.outer(np.arange(width), turns))
    of_rows = np.exp(np.outer(width * np.arange(rows), turns))
    sums = np.sum((padded.reshape(rows, width) @ within) * of_rows, axis=0)
    return np.asarray(np.abs(sums) * (math.sqrt(2.0) / t.size))


def _noise_of_line(wave: Waveform, nominal_hz: float) -> float:
    """Return the standard deviation that white noise gives the RMS of one spectral line."""
    return noise_of(wave) * math.sqrt(nominal_hz * wave.dt_s / _CYCLES)


def _rounding(wave: Waveform) -> float:
    """Return what a fit leaves of a level that stands still."""
    return 1e-9 * float(np.max(np.abs(wave.values)))


def _scatter(value: float, line: float, lines: float) -> float:
    """Return the standard deviation of a root of squares of so many lines, each with noise."""
    u_square = math.hypot(2.0 * value * line, line**2 * math.sqrt(2.0 * lines))
    return min(u_square / (2.0 * value), math.sqrt(u_square)) if value else math.sqrt(u_square)
