"""From a checked signal to a measurement that ``verify`` can judge."""

from __future__ import annotations

import math

from rig.measure.measurement import Evidence, Measurement
from rig.measure.quantity import Budget, Component
from rig.measure.signal_check import SignalCheck

__all__ = ["excess"]


def excess(check: SignalCheck, quantity_name: str) -> Measurement:
    """Return how far beyond its band a signal was, 0 or less inside: a limit has ``max: 0``.

    The uncertainty is that of the value that decides; the check goes along to be drawn.
    """
    series = check.series
    known = math.isfinite(check.excess)
    components = (
        Component("gain of channel and probe", "B", "normal", series.u_gain, check.decided_by),
        Component("zero of channel and probe", "B", "normal", series.u_offset),
        Component("noise", "A", "normal", series.u_noise),
    )
    problems = series.problems if known else (*series.problems, f"{series.name}: values missing")
    return Measurement(
        quantity_name,
        check.excess if known else math.nan,
        series.unit,
        Budget(series.unit, components if known else ()),
        Evidence(series.capture, series.instruments),
        problems,
        notes=(str(check),),
        signal=check,
    )
