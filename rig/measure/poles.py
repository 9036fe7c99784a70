"""Find when the other poles of a switch opened: the last of all ends a trip."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from rig.measure.driver import driver_until
from rig.measure.edge import Edge
from rig.measure.ending import find_ending, locate_ending
from rig.measure.onset import Frequency, Onset, fit_before
from rig.measure.waveform import Capture

__all__ = ["last_of", "pole_end", "unconfirmed"]

_CLEAR = 0.5
"""A threshold above this share of the waveform may miss where it ends."""


def pole_end(
    capture: Capture, name: str, onset: Onset, frequency: Frequency, quiet_cycles: float
) -> Edge | None:
    """Return when a waveform that was there before the stimulus ended; None when it did not."""
    wave = capture.waveform(name)
    before = fit_before(wave, capture.trigger, frequency)
    if before is None:
        return None
    quiet_s = quiet_cycles / frequency.hz
    ending = find_ending(wave, before, onset, quiet_s=quiet_s)
    if ending.quiet_s < quiet_s - wave.dt_s or ending.threshold > _CLEAR * ending.peak:
        return None
    return locate_ending(
        wave,
        before,
        ending,
        since_s=onset.cross_s,
        frequency=frequency,
        driver=partial(driver_until, capture, name, onset.cross_s, ending.last_s, frequency),
    )


def unconfirmed(
    opened: Mapping[str, Edge | None], end: Edge, agreement_s: float
) -> tuple[str, ...]:
    """Name the poles that did not open, or not together with the end of the current."""
    return tuple(
        f"{name} does not confirm the end of the current"
        for name, edge in opened.items()
        if edge is None or abs(edge.t_s - end.t_s) > agreement_s
    )


def last_of(
    current: str, end: Edge, opened: Mapping[str, Edge | None]
) -> tuple[Edge, tuple[str, ...]]:
    """Return the last edge, and a note where it is not that of the current itself.

    Of two that cannot be told apart the current's own counts: it is the definition.
    """
    last, where = end, current
    for name, edge in opened.items():
        if edge is not None and edge.t_s > last.t_s + 2.0 * math.hypot(edge.u_s, last.u_s):
            last, where = edge, name
    if where == current:
        return end, ()
    return last, (f"{where} ended last, {last.t_s * 1e3:.4f} ms after the trigger by {last.how}",)
