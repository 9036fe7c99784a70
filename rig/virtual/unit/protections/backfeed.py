"""Voltage from outside at a dead socket, and power that flows back into a live one (R-BF-01/02)."""

from __future__ import annotations

from rig.virtual.unit.parameters import Limit, OutletParameters
from rig.virtual.unit.protections.delayed import Condition, Delayed
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import Decision, Restore, Trip, TripCode, clamp_u16

__all__ = ["DeadSocketVoltage", "ReversePower"]

_CODE = TripCode.BACKFEED


class DeadSocketVoltage:
    """Trip a socket that is about to be closed onto somebody's voltage; the value is in 0.1 V.

    Longer than a relay takes to open and than the look for a weld, so that the unit's own voltage
    is not taken for another's.
    """

    def __init__(self, outlet: OutletParameters, socket: int) -> None:
        self._n, self._limit = socket - 1, outlet.foreign_voltage
        self._stands = Delayed(outlet.foreign_voltage.time_s)
        self._gone = Delayed(outlet.foreign_voltage.time_s)

    def find(self, span: Span) -> int | None:
        """Return when the voltage has stood, or has been gone, for long enough."""
        if self._waits(span):
            return self._gone.find(not self._present(span))
        status = span.status
        watched = status.armed and status.sockets_ready[self._n]
        return self._stands.find(self._present(span)) if watched else None

    def live(self, span: Span, ticks: int) -> None:
        """Count the time at a socket that is off, whether or not it is enabled."""
        self._stands.live(self._present(span), ticks)
        if self._waits(span):
            self._gone.live(not self._present(span), ticks)
        else:
            self._gone.reset()

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the socket, or say that the cause is gone."""
        if self._waits(span):
            return [Restore(_CODE, self._n + 1)]
        return [Trip(_CODE, self._n + 1, clamp_u16(10.0 * span.socket_voltage_v[self._n]))]

    def standing(self, span: Span) -> bool:
        """Say no: one socket's cause does not forbid the others a start."""
        return False

    def _waits(self, span: Span) -> bool:
        return (_CODE, self._n + 1) in span.status.waiting

    def _present(self, span: Span) -> bool:
        on = span.status.sockets_on[self._n]
        return not on and span.socket_voltage_v[self._n] >= self._limit.value


class ReversePower:
    """Trip a live socket into which power flows; the value is its voltage in 0.1 V."""

    def __init__(self, limit: Limit, rating_w: float, socket: int) -> None:
        self._n = socket - 1
        self._limit_w = -limit.value / 100.0 * rating_w
        self._stands = Delayed(limit.time_s)

    def find(self, span: Span) -> int | None:
        """Return when the power has flowed back for long enough."""
        if not span.status.sockets_on[self._n]:
            return None
        return self._stands.find(self._reversed(span))

    def live(self, span: Span, ticks: int) -> None:
        """Count the time of a socket that is on."""
        if span.status.sockets_on[self._n]:
            self._stands.live(self._reversed(span), ticks)
        else:
            self._stands.reset()

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the socket."""
        return [Trip(_CODE, self._n + 1, clamp_u16(10.0 * span.socket_voltage_v[self._n]))]

    def standing(self, span: Span) -> bool:
        """Say no: without output no power flows."""
        return False

    def _reversed(self, span: Span) -> Condition:
        return span.socket_power_w[self._n] < self._limit_w
