"""RMS of an AC quantity over one cycle, at each half cycle or sliding with the samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UsageError
from rig.measure.periodic import PeriodicFit, coarse_frequency, fit_periodic
from rig.measure.waveform import Waveform

__all__ = ["RmsTrace", "half_cycle_rms", "reference_fit", "rms_from", "sliding_rms", "window_rms"]

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RmsTrace:
    """RMS values and the end of the window that each is taken over."""

    t_s: _Floats
    values: _Floats
    unit: str
    window_s: float


def half_cycle_rms(
    wave: Waveform, *, frequency_hz: float | None = None, reference: PeriodicFit | None = None
) -> RmsTrace:
    """Return Urms(1/2): one-cycle windows that begin at each zero crossing of the fundamental.

    IEC 61000-4-30 style. The crossings are those of ``reference`` (the fit of an undisturbed
    stretch), so that a dip does not move them; without it, of the waveform itself.
    """
    if reference is None:
        reference = reference_fit(wave, frequency_hz)
    half = 0.5 / reference.frequency_hz
    angle = float(np.angle(reference.coefficients[1]))
    crossing = reference.origin_s - (angle / np.pi + 0.5) * half
    first = int(np.ceil((wave.t0_s - crossing) / half - 1e-9))
    last = int(np.floor((wave.end_s - wave.dt_s - crossing) / half + 1e-9))
    marks = crossing + half * np.arange(first, last + 1, dtype=np.float64)
    if marks.size < 3:
        raise UsageError(f"waveform {wave.name}: one whole cycle is needed for its RMS")
    return RmsTrace(marks[2:], _rms_between(wave, marks[:-2], marks[2:]), wave.unit, 2.0 * half)


def rms_from(wave: Waveform, start_s: float, period_s: float) -> RmsTrace:
    """Return the RMS of each cycle that begins at an instant or whole half cycles after it."""
    count = int(2.0 * (wave.end_s - wave.dt_s - start_s) / period_s + 1e-9) - 1
    if count < 1:
        raise UsageError(f"waveform {wave.name}: one whole cycle is needed for its RMS")
    starts = start_s + 0.5 * period_s * np.arange(count, dtype=np.float64)
    ends = starts + period_s
    return RmsTrace(ends, _rms_between(wave, starts, ends), wave.unit, period_s)


def sliding_rms(wave: Waveform, *, frequency_hz: float) -> RmsTrace:
    """Return the RMS of the cycle that ends at each sample."""
    period = 1.0 / frequency_hz
    ends = wave.times()
    ends = ends[ends >= wave.t0_s + period - 1e-9 * period]
    if ends.size == 0:
        raise UsageError(f"waveform {wave.name}: one whole cycle is needed for its RMS")
    return RmsTrace(ends, _rms_between(wave, ends - period, ends), wave.unit, period)


def window_rms(wave: Waveform, start_s: float, end_s: float) -> float:
    """Return the RMS between two instants inside the record."""
    return float(_rms_between(wave, np.array([start_s]), np.array([end_s]))[0])


def reference_fit(wave: Waveform, frequency_hz: float | None = None) -> PeriodicFit:
    """Fit the waveform's fundamental, at a known frequency or at its own."""
    if frequency_hz is not None:
        return fit_periodic(
            wave.t0_s, wave.dt_s, wave.values, guess_hz=frequency_hz, harmonics=1, refine=False
        )
    guess = coarse_frequency(wave.t0_s, wave.dt_s, wave.values, 50.0)
    return fit_periodic(wave.t0_s, wave.dt_s, wave.values, guess_hz=guess, harmonics=1)


def _rms_between(wave: Waveform, starts: _Floats, ends: _Floats) -> _Floats:
    """Integrate the square by trapezia, with both ends of a window between samples."""
    square = wave.values**2
    steps = np.cumsum((square[1:] + square[:-1]) * (0.5 * wave.dt_s))
    whole = np.concatenate([[0.0], steps])
    mean = (_integral(wave, square, whole, ends) - _integral(wave, square, whole, starts)) / (
        ends - starts
    )
    return np.asarray(np.sqrt(np.maximum(mean, 0.0)))


def _integral(wave: Waveform, square: _Floats, whole: _Floats, at: _Floats) -> _Floats:
    """Return the integral up to any instants, the square being linear between samples."""
    exact = np.clip((at - wave.t0_s) / wave.dt_s, 0.0, square.size - 1.0)
    index = np.minimum(exact.astype(np.intp), square.size - 2)
    part = exact - index
    here, following = square[index], square[index + 1]
    piece = part * here + 0.5 * part**2 * (following - here)
    return np.asarray(whole[index] + wave.dt_s * piece)
