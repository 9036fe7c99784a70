"""The pack's discharge limit: less is taken within half a second (R-PWR-02)."""

from __future__ import annotations

from typing import Protocol

from rig.virtual.unit.parameters import PackLimitParameters
from rig.virtual.unit.protections.delayed import Delayed
from rig.virtual.unit.readings import Span, at
from rig.virtual.unit.trips import Decision, Trip, TripCode, clamp_u16

__all__ = ["PackLimit", "Relief", "has_headroom"]


class Relief(Protocol):
    """What else takes from the pack, and gives way before sockets are shed."""

    def reduce_w(self, too_much_w: float) -> float:
        """Take less by as much as is too much, as far as possible; return what still is."""


class _Nothing:
    """Nothing but the outlets takes from the pack."""

    def reduce_w(self, too_much_w: float) -> float:
        return too_much_w


class PackLimit:
    """Shed sockets until the DC power fits, the least important first; value: DC power in W.

    As many go at once as it takes by their own power; what the inverter loses less on top is to
    spare. They return as after the power limit.
    """

    def __init__(self, settings: PackLimitParameters, relief: Relief | None = None) -> None:
        self._settings, self._relief = settings, relief or _Nothing()
        self._far, self._near = Delayed(settings.far_s), Delayed(settings.near_s)

    def find(self, span: Span) -> int | None:
        """Return when the pack has given too much for long enough."""
        if not span.status.inverter_on or not self._on(span):
            return None
        found = [timer.find(above) for timer, above in self._watched(span)]
        return min((n for n in found if n is not None), default=None)

    def live(self, span: Span, ticks: int) -> None:
        """Count the time above."""
        for timer, above in self._watched(span):
            timer.live(above and span.status.inverter_on, ticks)

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Relieve the pack."""
        self._far.reset()
        self._near.reset()
        allowed_w = self._settings.near_percent / 100.0 * span.status.vehicle.discharge_limit_w
        left_w = self._relief.reduce_w(_taken_w(span) - allowed_w)
        gone: list[Decision] = []
        for socket in self._on(span):
            if left_w <= 0.0 or (gone and self._settings.one_at_a_time):
                break
            gone.append(Trip(TripCode.POWER_LIMIT, socket, clamp_u16(_taken_w(span))))
            left_w -= at(span.socket_power_w[socket - 1], ticks)
        return gone

    def standing(self, span: Span) -> bool:
        """Say no: without output nothing is taken."""
        return False

    def _watched(self, span: Span) -> list[tuple[Delayed, bool]]:
        percents = self._settings.far_percent, self._settings.near_percent
        limit_w, taken_w = span.status.vehicle.discharge_limit_w, _taken_w(span)
        above = [taken_w > percent / 100.0 * limit_w for percent in percents]
        return list(zip((self._far, self._near), above, strict=True))

    def _on(self, span: Span) -> list[int]:
        """Return the sockets that may go, the first to go first."""
        status = span.status
        on = [each for each in status.priority if status.sockets_on[each - 1]]
        order = on[::-1] if self._settings.sheds == "least" else on
        return order[:-1] if self._settings.keeps_last else order


def has_headroom(span: Span, percent: float) -> bool:
    """Say whether the pack gives less than its limit by so many percent."""
    share = 1.0 - percent / 100.0
    return _taken_w(span) < share * span.status.vehicle.discharge_limit_w


def _taken_w(span: Span) -> float:
    return -span.dc_voltage_v * span.dc_current_a
