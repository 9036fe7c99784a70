"""Period and order of the frames that one side sends."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from rig.bench.v2h.meter import Instant, SessionMeter
from rig.bench.v2h.session import PlugSession
from rig.chademo.frames import CATALOGUE, CORE, Side
from rig.measure import Measurement, Quantity

__all__ = ["FrameMeter"]


class FrameMeter:
    """Measures over a whole session, from the first frame of a side to its last."""

    def __init__(
        self, session: PlugSession[Any], meter: SessionMeter, side: Side = Side.VEHICLE
    ) -> None:
        self._meter, self._side = meter, side
        frames = session.traffic.frames
        self._frames = [
            (each.t_s or 0.0, each.identifier)
            for each in frames
            if not each.extended and _sender(each.identifier) is side
        ]

    def first_set(self) -> Instant | None:
        """Return when the first set was complete: every frame that each version has."""
        missing = {each for each in CORE if _sender(each) is self._side}
        for t_s, identifier in self._frames:
            missing.discard(identifier)
            if not missing:
                return self._meter.at(t_s)
        return None

    def extreme_gaps(self, name: str) -> list[Measurement]:
        """Return the shortest and the longest gap between frames of one identifier."""
        gaps = [
            (later - earlier, later)
            for identifier in {each for _, each in self._frames}
            for earlier, later in self._pairs(identifier)
        ]
        if not gaps:
            return [self._meter.elapsed(name, None, None)]
        return [self._gap(name, gap_s) for gap_s, _ in (min(gaps), max(gaps))]

    def out_of_order(self, name: str) -> Measurement:
        """Count the frames that did not come in the order of the first cycle."""
        order = list(dict.fromkeys(identifier for _, identifier in self._frames))
        place = {identifier: n for n, identifier in enumerate(order)}
        wrong = sum(
            (place[second] - place[first]) % len(order) != 1
            for (_, first), (_, second) in pairwise(self._frames)
        )
        problems = () if len(order) > 1 else ("no cycle of frames was sent",)
        return self._meter.count(name, wrong if len(order) > 1 else 0, problems)

    def _pairs(self, identifier: int) -> list[tuple[float, float]]:
        times = [t_s for t_s, each in self._frames if each == identifier]
        return list(pairwise(times))

    def _gap(self, name: str, gap_s: float) -> Measurement:
        zero = self._meter.at(0.0)
        return self._meter.elapsed(name, zero, Quantity(gap_s, "s", zero.u))


def _sender(identifier: int) -> Side | None:
    kind = CATALOGUE.get(identifier)
    return None if kind is None else kind.SENDER
