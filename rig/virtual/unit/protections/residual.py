"""Residual current of one socket: alternating in stages, direct beside it (R-RCD-01 to 08)."""

from __future__ import annotations

import numpy as np

from rig.virtual.unit.parameters import Parameters, ResidualParameters
from rig.virtual.unit.protections.stages import StageSet
from rig.virtual.unit.readings import Signal, Span, at
from rig.virtual.unit.trips import Decision, Trip, TripCode, clamp_u16

__all__ = ["ResidualCurrent"]

_FORGETS_S_PER_S = 1.0
_FULL_PERCENT = 100.0


class ResidualCurrent:
    """Trip one socket; the value is its residual current in 0.1 mA, RMS or mean."""

    def __init__(self, parameters: Parameters, socket: int) -> None:
        mine: ResidualParameters = parameters.residual[socket - 1]
        self._socket, self._mine = socket, mine
        self._ac = StageSet(mine.ac_stages, mine.ac_rated_a, _FORGETS_S_PER_S)
        self._dc = StageSet(mine.dc_stages, mine.dc_rated_a, _FORGETS_S_PER_S)

    def find(self, span: Span) -> int | None:
        """Return when a stage is full; a floating output has no residual-current protection."""
        if not (span.status.earthed and span.status.sockets_on[self._socket - 1]):
            return None
        ac, dc = self._seen(span)
        found = (self._ac.find(ac), self._dc.find(dc))
        return min((n for n in found if n is not None), default=None)

    def live(self, span: Span, ticks: int) -> None:
        """Fill and empty the stages' timers."""
        ac, dc = self._seen(span)
        self._ac.live(ac, ticks)
        self._dc.live(dc, ticks)

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the socket, by the part whose stage is full."""
        ac, dc = self._seen(span)
        alternating = self._ac.percent >= _FULL_PERCENT
        code = TripCode.RESIDUAL_AC if alternating else TripCode.RESIDUAL_DC
        value = clamp_u16(1e4 * at(ac if alternating else dc, ticks))
        return [Trip(code, each, value) for each in (self._socket, *self._mine.trips_also)]

    def standing(self, span: Span) -> bool:
        """Say no: without output there is no residual current to see."""
        return False

    def _seen(self, span: Span) -> tuple[Signal, Signal]:
        """Return the alternating and the direct part as this firmware judges them."""
        n, mine, residual = self._socket - 1, self._mine, span.residual
        ac, dc = residual.ac_a[n], residual.dc_a[n]
        direct = _of_polarity(dc, mine.dc_polarity)
        if ratio := mine.dc_blinded_by:
            direct = direct * np.less_equal(ac, ratio * _magnitude(dc))
        if mine.responds_to == "mean":
            ac = residual.rectified_a[n]
        elif mine.responds_to != "rms":
            ac = residual.half_waves(n, positive=mine.responds_to == "positive")
        return ac, direct


def _of_polarity(dc: Signal, polarity: str) -> Signal:
    if polarity == "both":
        return _magnitude(dc)
    signed = dc if polarity == "positive" else -dc
    return (signed + _magnitude(dc)) / 2.0


def _magnitude(signal: Signal) -> Signal:
    return np.abs(signal) if isinstance(signal, np.ndarray) else abs(signal)
