"""Overload of one socket: stages over its current, whatever the power factor (R-OVL-07 to 09)."""

from __future__ import annotations

from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.protections.stages import StageSet
from rig.virtual.unit.readings import Span, at
from rig.virtual.unit.trips import Decision, Trip, TripCode, clamp_u16

__all__ = ["SocketOverload"]


class SocketOverload:
    """Trip one socket; the value is its current in 0.01 A."""

    def __init__(self, parameters: Parameters, socket: int) -> None:
        self._socket = socket
        self._stages = StageSet(
            parameters.sockets[socket - 1].stages,
            parameters.socket_rating_a,
            parameters.leak_s_per_s,
        )

    @property
    def memory_percent(self) -> float:
        """How full the fullest stage is."""
        return self._stages.percent

    def find(self, span: Span) -> int | None:
        """Return when a stage is full."""
        if not span.status.sockets_on[self._socket - 1]:
            return None
        return self._stages.find(span.socket_current_a[self._socket - 1])

    def live(self, span: Span, ticks: int) -> None:
        """Fill and leak."""
        self._stages.live(span.socket_current_a[self._socket - 1], ticks)

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the socket."""
        current_a = at(span.socket_current_a[self._socket - 1], ticks)
        return [Trip(TripCode.OVERLOAD_SOCKET, self._socket, clamp_u16(100.0 * current_a))]

    def standing(self, span: Span) -> bool:
        """Say no: without output there is no load to see."""
        return False
