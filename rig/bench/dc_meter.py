"""The DC side as its power analyser sees it, update after update."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from instruments.capabilities import PowerAnalyser
from instruments.clock import Clock
from rig.bench.calibration import reading_quantity
from rig.bench.model import BenchFile
from rig.bench.steps import Journal
from rig.measure import Quantity

__all__ = ["DcMeter", "PowerWindow"]

_ROLE = "analyser_dc"
_PACK = 1
"""Its element at the pack; the other one is at the CHAdeMO port."""
_FAST_S, _USUAL_S = 0.05, 0.5
_FETCHED_S = 0.01
"""From the end of an update until it has been read."""


@dataclass(frozen=True, slots=True)
class PowerWindow:
    """Power out of the pack, W, over a stretch of the clock."""

    start_s: float
    end_s: float
    power: Quantity


class DcMeter:
    """Power at the pack."""

    def __init__(
        self, analyser: PowerAnalyser, bench: BenchFile, clock: Clock, journal: Journal
    ) -> None:
        self._analyser, self._bench, self._clock = analyser, bench, clock
        self._journal = journal

    def power(self) -> Quantity:
        """Measure the power out of the pack over one update that begins now."""
        return self._quantity(self._analyser.measure((_PACK,))[_PACK].power_w)

    def follow(self, seconds: float) -> Iterator[PowerWindow]:
        """Yield one fast update after the other for a time.

        Each ended at some time since ``_FETCHED_S`` before it was read.
        """
        self._analyser.set_update_period(_FAST_S)
        try:
            self._analyser.measure((_PACK,))  # what came before is of no known age
            end_s = self._clock.now() + seconds
            while self._clock.now() < end_s:
                watts = self._analyser.measure_following((_PACK,))[_PACK].power_w
                now = self._clock.now()
                yield PowerWindow(now - _FETCHED_S - _FAST_S, now, self._quantity(watts))
        finally:
            self._analyser.set_update_period(_USUAL_S)

    def _quantity(self, watts: float) -> Quantity:
        self._journal.reading(_ROLE, "pack", {"power_w": watts})
        calibration = self._bench.roles[_ROLE].calibration
        known = reading_quantity(calibration, "power", watts, "W")
        return known or Quantity(watts, "W", float("inf"))
