"""Measure on a capture; one that was never triggered gives a result that says so."""

from __future__ import annotations

import math
from collections.abc import Callable

from rig.bench.wave import Wave
from rig.measure import Capture, Measurement, Quantity

__all__ = ["NOT_TRIGGERED", "measured"]

NOT_TRIGGERED = "scope_ac: not triggered"


def measured(
    wave: Wave, name: str, unit: str, measure: Callable[[Capture], Measurement]
) -> Measurement:
    """Return what ``measure`` makes of the capture, under the requirement's name for it."""
    if wave.capture is None:
        return Measurement.of(name, Quantity(math.nan, unit), problems=(NOT_TRIGGERED,))
    return measure(wave.capture).renamed(name)
