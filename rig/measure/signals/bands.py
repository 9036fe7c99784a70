"""What a plan can say of a signal: that it is constant, steps, ramps, or keeps to an envelope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from instruments.errors import UsageError
from rig.measure.series import Series
from rig.measure.signal_check import SignalCheck, check_band

__all__ = ["EnvelopePoint", "is_constant", "is_ramp", "is_step", "within_envelope"]


@dataclass(frozen=True, slots=True)
class EnvelopePoint:
    """The bounds that hold from an instant on; None: none on that side."""

    from_s: float
    low: float | None
    high: float | None


def is_constant(
    signal: Series,
    target: float,
    *,
    tolerance: float,
    start_s: float,
    end_s: float,
    fraction: float = 1.0,
) -> SignalCheck:
    """Say whether a signal stayed within ``tolerance`` of a value for a share of the time."""
    part = signal.between(start_s, end_s)
    level = np.full(part.t_s.size, target)
    words = f"constant at {target:g} {signal.unit} +- {tolerance:g}"
    return check_band(part, words, level - tolerance, level + tolerance, fraction)


def is_step(
    signal: Series,
    before: float,
    after: float,
    *,
    at_s: float,
    within_s: float,
    tolerance: float,
    start_s: float,
    end_s: float,
    fraction: float = 1.0,
) -> SignalCheck:
    """Say whether a signal went from one value to another within a time, and not beyond either."""
    part = signal.between(start_s, end_s)
    level_low = np.where(part.t_s < at_s, before, after)
    moving = (part.t_s >= at_s) & (part.t_s < at_s + within_s)
    low = np.where(moving, min(before, after), level_low) - tolerance
    high = np.where(moving, max(before, after), level_low) + tolerance
    words = f"step from {before:g} to {after:g} {signal.unit} within {within_s:g} s"
    return check_band(part, words, low, high, fraction)


def is_ramp(
    signal: Series,
    first: float,
    last: float,
    *,
    tolerance: float,
    start_s: float,
    end_s: float,
    fraction: float = 1.0,
) -> SignalCheck:
    """Say whether a signal went straight from one value to another, within a tolerance."""
    part = signal.between(start_s, end_s)
    line = first + (last - first) * (part.t_s - start_s) / (end_s - start_s)
    words = f"ramp from {first:g} to {last:g} {signal.unit}"
    return check_band(part, words, line - tolerance, line + tolerance, fraction)


def within_envelope(
    signal: Series,
    envelope: Sequence[EnvelopePoint],
    *,
    end_s: float,
    fraction: float = 1.0,
) -> SignalCheck:
    """Say whether a signal stayed between bounds that change at given instants."""
    starts = np.array([point.from_s for point in envelope])
    if starts.size == 0 or np.any(np.diff(starts) <= 0.0):
        raise UsageError("envelope: expected points in the order of their times")
    part = signal.between(float(starts[0]), end_s)
    which = np.searchsorted(starts, part.t_s + 1e-12, side="right") - 1
    low = np.array([-np.inf if p.low is None else p.low for p in envelope])[which]
    high = np.array([np.inf if p.high is None else p.high for p in envelope])[which]
    return check_band(part, f"within an envelope of {starts.size} steps", low, high, fraction)
