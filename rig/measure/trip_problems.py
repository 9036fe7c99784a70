"""How a trip is told from a natural zero, and what speaks against what was found."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rig.measure.edge import Edge
from rig.measure.ending import SURGE_S, Ending
from rig.measure.onset import SHARE_OF_PEAK, Before, Frequency, Onset
from rig.measure.runs import debounce_samples, runs_above, sustained_peak
from rig.measure.waveform import Capture, Waveform

__all__ = [
    "DEFAULTS",
    "StartsAt",
    "TripSettings",
    "clipping",
    "cut_short",
    "disagreements",
    "hidden_tail",
]

StartsAt = Literal["trigger", "current"]
"""``current``: a diode may keep a stimulus waiting for its half-wave after the trigger."""

_TAIL_S = 2e-4
_CLEAR = 0.5
"""A threshold above this share of the current may miss where it begins and ends."""


@dataclass(frozen=True, slots=True)
class TripSettings:
    """How a trip is told from a natural zero, and how far two witnesses may differ."""

    quiet_cycles: float = 1.5
    """Cycles without current that make an opening."""
    trigger_agreement_s: float = 1e-3
    """Between a hardware trigger of the stimulus and the onset of its current."""
    cross_check_s: float = 0.02
    """Between the end of the current and the collapse of the cross-checked waveform."""
    frequency_band: float = 0.005
    """Relative half-width around the nominal frequency where nothing better is known."""


DEFAULTS = TripSettings()


def cut_short(ending: Ending, frequency: Frequency, by_itself: bool) -> tuple[str, ...]:
    """Tell a current that still flows from one that may just have ended."""
    if by_itself or ending.quiet_s < 0.3 / frequency.hz:
        return ()
    return (f"the record ends {ending.quiet_s * 1e3:.3g} ms after the last current",)


def clipping(
    capture: Capture, names: Iterable[str], wave: Waveform, onset: Onset
) -> tuple[str, ...]:
    """Return the capture's problems; a clipped surge at the beginning of the current is none.

    When the current ends does not depend on how high a capacitor's discharge was.
    """
    earlier = wave.between(wave.t0_s, onset.cross_s - SURGE_S).clipped
    later = wave.between(onset.cross_s + SURGE_S, wave.end_s).clipped
    mild = replace(wave, clipped=earlier or later)
    waves = tuple(mild if w is wave else w for w in capture.waveforms)
    return replace(capture, waveforms=waves).problems_of(*names)


def disagreements(
    capture: Capture,
    start: Edge,
    ending: Ending,
    cross_check: str | None,
    settings: TripSettings,
    starts_at: StartsAt,
) -> tuple[str, ...]:
    """Return where the current is too small, or its witnesses contradict one another."""
    found = []
    if ending.threshold > _CLEAR * ending.peak:
        found.append(
            f"the current is too small for its channel: {ending.peak:.3g} A sustained, noise and"
            f" zero leave a threshold of {ending.threshold:.3g} A"
        )
    apart = abs(start.t_s)
    waits = 1.0 / capture.nominal_hz if starts_at == "current" and start.t_s > 0.0 else 0.0
    allowed = (
        waits
        + settings.trigger_agreement_s
        + 3.0 * math.hypot(capture.trigger.u_s, start.u_sampling_s, start.u_fit_s, start.u_shape_s)
    )
    if capture.trigger.meaning == "stimulus" and apart > allowed:
        found.append(f"the current began {start.t_s * 1e3:+.3g} ms from the trigger")
    if cross_check is not None:
        other = _collapse(capture.waveform(cross_check))
        if other is None or abs(other - ending.last_s) > settings.cross_check_s:
            found.append(f"{cross_check} does not confirm the end of the current")
    return tuple(found)


def hidden_tail(wave: Waveform, before: Before, onset: Onset, hz: float) -> tuple[str, ...]:
    """Return a problem where half-waves flowed at the trigger already, too little to be seen.

    A cycle later the same stretch of the wave shows it: its mean is better known than a sample.
    """
    if onset.cross_s < DEFAULTS.trigger_agreement_s or wave.end_s < 1.0 / hz + _TAIL_S:
        return ()
    part = wave.between(1.0 / hz, 1.0 / hz + _TAIL_S)
    mean = abs(float(np.mean(part.values)) - float(before.fit.coefficients[0].real))
    if mean < max(5.0 * before.sigma / math.sqrt(part.values.size), SHARE_OF_PEAK * onset.peak):
        return ()
    return (f"{wave.name}: the branch closed at the end of a half-wave, which cannot be timed",)


def _collapse(wave: Waveform) -> float | None:
    """Return the last instant above 20 % of the peak before the trigger."""
    peak = sustained_peak(
        wave.between(wave.t0_s, 0.0).values if wave.t0_s < 0.0 else wave.values,
        max(int(1e-4 / wave.dt_s), 1),
    )
    _, ends = runs_above(wave.values, 0.2 * peak, debounce_samples(wave.dt_s))
    return wave.t0_s + wave.dt_s * (int(ends[-1]) - 1) if ends.size else None
