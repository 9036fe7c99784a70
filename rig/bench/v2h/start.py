"""The steps of a start, from d1 to the first request (facts: chademo.md sections 6 and 8.5)."""

from __future__ import annotations

from collections.abc import Callable

from rig.bench.v2h.evps_session import EvpsSession
from rig.bench.v2h.meter import Instant, SessionMeter
from rig.chademo.frames import VehicleStatus
from rig.chademo.roles import Line
from rig.measure import Measurement

__all__ = ["StartMeter"]

_LIVE_V = 60.0
"""A port below is dead: nobody has closed anything onto it."""


class StartMeter:
    """Measures one session's start; instants are lines' moves and frames' stamps."""

    def __init__(self, session: EvpsSession, meter: SessionMeter) -> None:
        self._session, self._meter = session, meter

    def permission(self) -> Measurement:
        """Return the time from d1 to k."""
        d1, k = self._line(Line.D1), self._line(Line.K)
        return self._meter.elapsed("permission", d1, k)

    def enable_skew(self) -> Measurement:
        """Return the time from k to 102.5.0."""
        enabled = self._meter.frame(VehicleStatus, lambda each: each.enabled)
        return self._meter.elapsed("enable_skew", self._line(Line.K), enabled)

    def closing(self) -> Measurement:
        """Return the time from d2 to contactors told to be closed; negative = before d2."""
        closed = self._meter.frame(VehicleStatus, _is_closed)
        return self._meter.elapsed("closing", self._line(Line.D2), closed)

    def request(self) -> Measurement:
        """Return the time from closed contactors to the first request."""
        closed = self._meter.frame(VehicleStatus, _is_closed)
        first = self._meter.frame(VehicleStatus, lambda each: each.current_request_a > 0)
        return self._meter.elapsed("request", closed, first)

    def closures(self, name: str) -> Measurement:
        """Count contactors that closed: told in frames, or seen as a voltage at the port.

        A vehicle that never spoke, or a port of which nothing was seen, is a problem.
        """
        heard = any(True for _ in self._session.traffic.of(VehicleStatus))
        told = self._meter.frame(VehicleStatus, _is_closed) is not None
        live = self._session.power.most_foreign_v >= _LIVE_V
        problems = () if heard else ("the vehicle sent no frame",)
        return self._meter.count(name, int(told or live), problems)

    def flag_missing(self, name: str, flag: Callable[[VehicleStatus], bool]) -> Measurement:
        """Return 1 unless a frame 102 has shown a flag, else 0."""
        return self._meter.count(name, int(self._meter.frame(VehicleStatus, flag) is None))

    def _line(self, line: Line) -> Instant | None:
        return self._meter.line(line, on=True)


def _is_closed(status: VehicleStatus) -> bool:
    return not status.contactor_open
