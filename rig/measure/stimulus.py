"""The proof that a stimulus stood at its level for the time it had to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UsageError
from rig.measure.rms import half_cycle_rms, sliding_rms
from rig.measure.waveform import Waveform

__all__ = ["StimulusProof", "prove_from_readings", "prove_from_samples"]

_SURELY_CYCLES = 1.6


@dataclass(frozen=True, slots=True)
class StimulusProof:
    """What level stood for how long, beside what was wanted.

    ``level`` is the mean, ``lowest`` and ``highest`` bound it over the whole of ``held_s``;
    ``gap`` tells of time within ``held_s`` for which nothing is known, and is empty otherwise.
    """

    level: float
    unit: str
    wanted_low: float
    wanted_high: float
    held_s: float
    wanted_s: float
    lowest: float
    highest: float
    gap: str = ""

    def __post_init__(self) -> None:
        if not self.wanted_low <= self.wanted_high:
            raise UsageError(f"a stimulus of {self.wanted_low} to {self.wanted_high} cannot be")

    @property
    def in_tolerance(self) -> bool:
        """Whether the level stayed in tolerance while it lasted, however long that was."""
        inside = self.wanted_low <= self.lowest and self.highest <= self.wanted_high
        return inside and not self.gap and self.held_s > 0.0

    @property
    def proven(self) -> bool:
        """Whether the level stayed in tolerance for the whole of the wanted time."""
        return self.in_tolerance and self.held_s >= self.wanted_s

    @property
    def reason(self) -> str:
        """Why the stimulus is not proven; empty when it is."""
        if self.proven:
            return ""
        if self.gap:
            return f"stimulus not proven: {self.gap}"
        wanted = f"{self.wanted_low:.6g} to {self.wanted_high:.6g} {self.unit}"
        if not self.in_tolerance:
            found = f"{self.lowest:.6g} to {self.highest:.6g} {self.unit}"
            return f"stimulus not proven: wanted {wanted}, found {found}"
        return f"stimulus not proven: held {self.held_s:.6g} s of {self.wanted_s:.6g} s at {wanted}"


def prove_from_readings(
    times_s: Sequence[float],
    levels: Sequence[float],
    *,
    unit: str,
    wanted_low: float,
    wanted_high: float,
    wanted_s: float,
    longest_gap_s: float,
) -> StimulusProof:
    """Prove a stimulus from readings; the time between two readings counts up to a longest gap."""
    if len(times_s) != len(levels):
        raise UsageError(f"{len(times_s)} times for {len(levels)} readings of the stimulus")
    if len(times_s) < 2 or not np.all(np.isfinite(levels)):
        return _unknown(unit, wanted_low, wanted_high, wanted_s, "fewer than two valid readings")
    steps_s = np.diff(times_s)
    if not np.all(steps_s >= 0.0):
        return _unknown(unit, wanted_low, wanted_high, wanted_s, "readings out of their order")
    widest = float(np.max(steps_s))
    gap = f"no reading for {widest:.3g} s" if widest > longest_gap_s else ""
    return StimulusProof(
        level=float(np.mean(levels)),
        unit=unit,
        wanted_low=wanted_low,
        wanted_high=wanted_high,
        held_s=float(times_s[-1] - times_s[0]),
        wanted_s=wanted_s,
        lowest=float(np.min(levels)),
        highest=float(np.max(levels)),
        gap=gap,
    )


def prove_from_samples(
    wave: Waveform,
    *,
    start_s: float,
    end_s: float,
    frequency_hz: float,
    wanted_low: float,
    wanted_high: float,
    wanted_s: float,
    settling_s: float = 0.0,
    averaged_s: float = 0.0,
) -> StimulusProof:
    """Prove an AC stimulus by the one-cycle RMS, each half cycle, that lies within its time.

    ``settling_s`` after the start is not judged, but counts as held. ``averaged_s`` above a cycle
    judges RMS values over stretches of that length instead: for long holds, where among ten
    thousand single cycles noise alone finds one that is out.
    """
    inside = wave.between(start_s + settling_s, end_s)
    cycles = inside.values.size * inside.dt_s * frequency_hz
    if cycles < 1.0:
        return _unknown(
            wave.unit, wanted_low, wanted_high, wanted_s, "less than one cycle to judge it by"
        )
    if not inside.complete():
        return _unknown(wave.unit, wanted_low, wanted_high, wanted_s, "samples are missing")
    # Between two zeros that are a cycle apart lies up to a cycle and a half.
    trace = half_cycle_rms if cycles > _SURELY_CYCLES else sliding_rms
    levels = trace(inside, frequency_hz=frequency_hz).values
    levels = _averaged(levels, round(2.0 * frequency_hz * averaged_s))
    return StimulusProof(
        level=float(np.mean(levels)),
        unit=wave.unit,
        wanted_low=wanted_low,
        wanted_high=wanted_high,
        held_s=min(end_s, wave.end_s) - max(start_s, wave.t0_s),
        wanted_s=wanted_s,
        lowest=float(np.min(levels)),
        highest=float(np.max(levels)),
        gap="samples are clipped" if wave.clipped else "",
    )


def _averaged(levels: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the RMS of each ``count`` levels in turn; the last stretch takes the rest too."""
    if count < 2 or levels.size < 2 * count:
        return levels
    starts = np.arange(levels.size // count) * count
    ends = np.append(starts[1:], levels.size)
    return np.sqrt(np.add.reduceat(levels**2, starts) / (ends - starts))


def _unknown(unit: str, low: float, high: float, wanted_s: float, gap: str) -> StimulusProof:
    return StimulusProof(math.nan, unit, low, high, 0.0, wanted_s, math.nan, math.nan, gap)
