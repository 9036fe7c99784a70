"""A relay that does not open: the output's voltage stays behind it (R-WLD-01)."""

from __future__ import annotations

from rig.virtual.unit.parameters import OutletParameters
from rig.virtual.unit.protections.delayed import Delayed
from rig.virtual.unit.readings import Span, at
from rig.virtual.unit.trips import Decision, Trip, TripCode, clamp_u16

__all__ = ["Weld"]


class Weld:
    """Look for voltage behind a relay that was told to open; the value is in 0.1 V.

    A socket is suspect while it is on, and while the output has no voltage; one look without
    voltage behind its open relay clears it. Voltage that was seen to come from outside says
    nothing about the relay.
    """

    def __init__(self, outlet: OutletParameters, socket: int) -> None:
        self._n, self._settings = socket - 1, outlet.weld
        self._limit = outlet.weld.voltage
        self._stays = Delayed(self._limit.time_s)
        self._suspect = True
        self._looks = 0

    def find(self, span: Span) -> int | None:
        """Return when the voltage has stayed for long enough."""
        if not self._suspect or not self._looking(span):
            return None
        return self._stays.find(self._high(span))

    def live(self, span: Span, ticks: int) -> None:
        """Count the time that the voltage stays; clear a socket whose voltage goes."""
        if not self._looking(span):
            self._suspect = True
            self._stays.reset()
        elif self._suspect and self._high(span):
            self._stays.live(True, ticks)
        elif self._suspect:
            self._suspect = False
            self._looks += 1

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Lock out."""
        return [Trip(TripCode.WELD, self._n + 1, clamp_u16(10.0 * span.socket_voltage_v[self._n]))]

    def standing(self, span: Span) -> bool:
        """Say no: without output there is no voltage to see."""
        return False

    def _looking(self, span: Span) -> bool:
        status = span.status
        fed = status.trip_codes[self._n] == TripCode.BACKFEED
        tired = self._looks >= self._settings.most_looks
        return status.sourcing and not status.sockets_on[self._n] and not fed and not tired

    def _high(self, span: Span) -> bool:
        if self._settings.by_current:
            return at(span.socket_current_a[self._n], 1) >= self._settings.least_a
        return span.socket_voltage_v[self._n] >= self._limit.value
