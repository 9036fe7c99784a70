"""Take a channel's zero from a stretch of its own record in which nothing flowed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UsageError
from rig.measure.waveform import Capture, Waveform

__all__ = ["DITHERED", "noise_of", "zeroed"]

_MOST = 20_000
_QUIET = 1.2
"""A spread above this many times the noise is a signal."""
DITHERED = 0.4
"""Codes of noise that make the mean finer than a code."""


def zeroed(capture: Capture, name: str, *, until_s: float) -> Capture:
    """Return the capture with a channel's mean before ``until_s`` taken off, where it was quiet.

    The zero is then known as well as that mean. A channel that shows a signal there stays as it
    is: what its mean is made of cannot be told.
    """
    wave = capture.waveform(name)
    quiet = wave.between(wave.t0_s, until_s)
    if not quiet.complete():
        return capture
    part = quiet.values
    noise = noise_of(replace(wave, values=part))
    spread = float(np.std(part))
    if part.size < 100 or spread > _QUIET * noise:
        return capture
    u_zero = spread / math.sqrt(part.size)
    if spread < DITHERED * wave.resolution:
        u_zero = wave.resolution / math.sqrt(12.0)
    shifted = replace(wave, values=wave.values - float(np.mean(part)), u_offset=u_zero)
    return replace(capture, waveforms=tuple(shifted if w is wave else w for w in capture.waveforms))


def noise_of(wave: Waveform) -> float:
    """Estimate the standard deviation of the samples' noise by their second differences.

    Steps do not count. At a low sampling rate the signal's own bend counts as noise: the estimate
    is then too large.
    """
    least = wave.resolution / math.sqrt(12.0)
    if wave.values.size < 3:
        return least
    bend: NDArray[np.float64] = np.abs(np.diff(wave.values[:_MOST], n=2))
    typical = float(np.median(bend)) + wave.resolution
    kept = bend[bend <= 6.0 * typical]
    if kept.size == 0:
        raise UsageError(f"waveform {wave.name}: samples are missing")
    return max(float(np.sqrt(np.mean(kept**2) / 6.0)), least)
