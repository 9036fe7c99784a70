"""The total power limit: shedding by priority above 100 % (R-PWR-01)."""

from __future__ import annotations

import numpy as np

from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.protections.delayed import Condition, Delayed
from rig.virtual.unit.protections.pack_limit import has_headroom
from rig.virtual.unit.readings import Span, at
from rig.virtual.unit.trips import Decision, Restore, Trip, TripCode, clamp_u16

__all__ = ["PowerLimit"]


class PowerLimit:
    """Shed the least important socket, never the last one on; the value is the total power in W.

    Shedding yields to the overload stages above 125 % of the limit, once those count: a limit set
    far below the rating is kept by shedding at any excess. A shed socket returns, the most
    important first, when the total stayed 10 % below the limit for 60 s, and the pack's power as
    far below that of the pack.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._settings = parameters.power_limit
        percent = min((each.percent for each in parameters.stages), default=float("inf"))
        self._stages_from_va = percent / 100.0 * parameters.rating_va
        self._above = Delayed(self._settings.shed_s)
        self._headroom = Delayed(self._settings.return_s)

    def find(self, span: Span) -> int | None:
        """Return when to shed or to restore."""
        if not span.status.inverter_on:
            return None
        keep = 1 if self._settings.keeps_last else 0
        may_shed = sum(span.status.sockets_on) > keep
        shed = self._above.find(self._exceeds(span)) if may_shed else None
        back = self._headroom.find(self._fits(span)) if _shed(span) else None
        return min((n for n in (shed, back) if n is not None), default=None)

    def live(self, span: Span, ticks: int) -> None:
        """Count the time above the limit, and the time with headroom."""
        self._above.live(self._exceeds(span), ticks)
        if _shed(span) and span.status.inverter_on:
            self._headroom.live(self._fits(span), ticks)
        else:
            self._headroom.reset()

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Shed the least important socket on, or restore the most important one shed."""
        if self._above.full:
            self._above.reset()
            total_w = clamp_u16(at(span.ac_power_w, ticks))
            on = [each for each in span.status.priority if span.status.sockets_on[each - 1]]
            chosen = on[-1] if self._settings.sheds == "least" else on[0]
            return [Trip(TripCode.POWER_LIMIT, chosen, total_w)]
        self._headroom.reset()
        return [Restore(TripCode.POWER_LIMIT, _shed(span)[0])]

    def standing(self, span: Span) -> bool:
        """Say no: without output there is no power to see."""
        return False

    def _exceeds(self, span: Span) -> Condition:
        limit_w = span.status.power_limit_w
        far = span.ac_power_w > self._settings.yield_percent / 100.0 * limit_w
        counting = np.logical_and(far, span.apparent_va > self._stages_from_va)
        above: Condition = np.logical_and(span.ac_power_w > limit_w, np.logical_not(counting))
        return above

    def _fits(self, span: Span) -> Condition:
        headroom = self._settings.headroom_percent
        if not has_headroom(span, headroom):
            return False
        return span.ac_power_w < (1.0 - headroom / 100.0) * span.status.power_limit_w


def _shed(span: Span) -> list[int]:
    """Return the sockets that are shed, the most important first."""
    waiting = span.status.waiting
    return [each for each in span.status.priority if (TripCode.POWER_LIMIT, each) in waiting]
