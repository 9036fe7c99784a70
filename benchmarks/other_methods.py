"""What a trip time would be by other ways to tell it, on the very same trip.

All know when the stimulus began, which a polling loop on a bench does not.
"""

from __future__ import annotations

import math

import numpy as np

from rig.measure.rms import RmsTrace, half_cycle_rms, sliding_rms
from rig.measure.waveform import Waveform

__all__ = ["POLLING_S", "TURNAROUND_S", "by_half_cycles", "by_one_cycle", "by_polling"]

POLLING_S = 0.1
TURNAROUND_S = 0.005
"""From the question to the answer of a quick box."""
_GONE = 0.5
"""A current is gone when its RMS is below this share of the highest."""
_NOMINAL_HZ = 50.0


def by_half_cycles(wave: Waveform, start_s: float, end_s: float) -> float:
    """Return the time by one-cycle RMS values that come each half cycle; NaN: never seen to end."""
    return _gone_s(half_cycle_rms(wave, frequency_hz=_NOMINAL_HZ), end_s) - start_s


def by_one_cycle(wave: Waveform, start_s: float, end_s: float) -> float:
    """Return the time by the RMS of the last cycle, at every sample."""
    return _gone_s(sliding_rms(wave, frequency_hz=_NOMINAL_HZ), end_s) - start_s


def by_polling(
    wave: Waveform, start_s: float, end_s: float, rng: np.random.Generator, period_s: float
) -> float:
    """Return the time by asking a meter for its one-cycle RMS until the answer is low."""
    settled_s = by_one_cycle(wave, start_s, end_s)
    if math.isnan(settled_s):
        return settled_s
    phase_s = float(rng.uniform(0.0, period_s))
    asked_s = phase_s + period_s * math.ceil((settled_s - phase_s) / period_s)
    return asked_s + TURNAROUND_S


def _gone_s(trace: RmsTrace, end_s: float) -> float:
    highest = float(np.max(trace.values))
    low = trace.t_s[(trace.values < _GONE * highest) & (trace.t_s > end_s)]
    return float(low[0]) if low.size else math.nan
