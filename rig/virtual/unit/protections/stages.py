"""A set of overload stages over one quantity, each with its own leaking timer."""

from __future__ import annotations

import numpy as np

from rig.virtual.unit.parameters import Stage
from rig.virtual.unit.readings import Signal, highest
from rig.virtual.unit.timer import LeakingTimer

__all__ = ["StageSet"]


class StageSet:
    """Stages with thresholds in percent of ``rating``."""

    def __init__(self, stages: tuple[Stage, ...], rating: float, leak_s_per_s: float) -> None:
        self._stages = [
            (each.percent / 100.0 * rating, LeakingTimer(each.time_s, leak_s_per_s))
            for each in stages
        ]
        self._lowest = min((limit for limit, _ in self._stages), default=float("inf"))

    @property
    def percent(self) -> float:
        """How full the fullest timer is."""
        return max((timer.percent for _, timer in self._stages), default=0.0)

    def find(self, value: Signal) -> int | None:
        """Return after how many ticks the first stage is full."""
        if highest(value) <= self._lowest:
            return None
        found = [
            timer.ticks_to_act_in(value > limit)
            if isinstance(value, np.ndarray)
            else timer.ticks_to_act(value > limit)
            for limit, timer in self._stages
        ]
        return min((n for n in found if n is not None), default=None)

    def live(self, value: Signal, ticks: int) -> None:
        """Move all timers on."""
        part = value[:ticks] if isinstance(value, np.ndarray) else value
        if highest(part) <= self._lowest:
            for _, timer in self._stages:
                if timer.level_us:
                    timer.advance(False, ticks)
        elif isinstance(part, np.ndarray):
            for limit, timer in self._stages:
                timer.advance_through(part > limit)
        else:
            for limit, timer in self._stages:
                timer.advance(part > limit, ticks)
