"""Request (102.3) and discharge limit (200.0) of a session, frame by frame."""

from __future__ import annotations

from itertools import pairwise
from math import inf

from rig.bench.v2h.evps_session import EvpsSession
from rig.bench.v2h.meter import Instant, SessionMeter
from rig.chademo.frames import (
    ChargerCapability,
    DischargeCapability,
    DischargeLimits,
    VehicleStatus,
)
from rig.measure import Measurement

__all__ = ["PermissionMeter"]


class PermissionMeter:
    """Measures what the vehicle allowed, in whole amperes as frames tell them."""

    def __init__(self, session: EvpsSession, meter: SessionMeter) -> None:
        self._meter = meter
        traffic = session.traffic
        self._requests = [(t_s, each.current_request_a) for t_s, each in traffic.of(VehicleStatus)]
        self._limits = [
            (t_s, each.max_discharge_current_a) for t_s, each in traffic.of(DischargeLimits)
        ]

    def before_start(self, name: str) -> list[Measurement]:
        """Return the largest request before the contactors close, and limit before a request."""
        closed = self._meter.frame(VehicleStatus, lambda each: not each.contactor_open)
        requested = self._meter.frame(VehicleStatus, lambda each: each.current_request_a > 0)
        return [
            self._largest_before(name, self._requests, closed),
            self._largest_before(name, self._limits, requested),
        ]

    def largest_rise(self, name: str) -> Measurement:
        """Return the largest rise of either from one of its frames to the next."""
        rises = [
            later - earlier
            for told in (self._requests, self._limits)
            for (_, earlier), (_, later) in pairwise(told)
        ]
        return self._meter.amps(name, float(max(rises, default=0)))

    def largest_request(self, name: str) -> Measurement:
        """Return the largest request."""
        return self._meter.amps(name, float(max((a for _, a in self._requests), default=0)))

    def largest_limit(self, name: str) -> Measurement:
        """Return the largest discharge limit."""
        return self._meter.amps(name, float(max((a for _, a in self._limits), default=0)))

    def request_follows(self, name: str, lower_a: int) -> Measurement:
        """Return the time from a lower 108.3 to a request within it."""
        offered = self._meter.frame(
            ChargerCapability, lambda each: each.available_current_a == lower_a
        )
        within = self._meter.frame(
            VehicleStatus, lambda each: each.current_request_a <= lower_a, offered
        )
        return self._meter.elapsed(name, offered, within)

    def limit_follows(self, name: str, lower_a: int) -> Measurement:
        """Return the time from a lower 208.3 to a discharge limit within it."""
        offered = self._meter.frame(
            DischargeCapability, lambda each: each.available_input_current_a == lower_a
        )
        within = self._meter.frame(
            DischargeLimits, lambda each: each.max_discharge_current_a <= lower_a, offered
        )
        return self._meter.elapsed(name, offered, within)

    def _largest_before(
        self, name: str, told: list[tuple[float, int]], end: Instant | None
    ) -> Measurement:
        end_s = inf if end is None else end.value
        return self._meter.amps(name, float(max((a for t_s, a in told if t_s < end_s), default=0)))
