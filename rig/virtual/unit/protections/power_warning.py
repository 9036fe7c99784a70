"""The warning before the total power limit (R-PWR-01)."""

from __future__ import annotations

from rig.virtual.unit.parameters import PowerLimitParameters
from rig.virtual.unit.protections.delayed import Delayed
from rig.virtual.unit.readings import Span, at
from rig.virtual.unit.trips import UNIT, Decision, TripCode, Warn, clamp_u16

__all__ = ["PowerWarning"]

_WARN_S = 0.1
_REARM_PERCENT = 5.0
_REARM_S = 1.0


class PowerWarning:
    """Warn once above 80 % of the limit, again after a second below 75 %; the value is in W."""

    def __init__(self, settings: PowerLimitParameters) -> None:
        self._warn_share = settings.warn_percent / 100.0
        self._rearm_share = (settings.warn_percent - _REARM_PERCENT) / 100.0
        self._near = Delayed(_WARN_S)
        self._far = Delayed(_REARM_S)
        self._warned = False

    def find(self, span: Span) -> int | None:
        """Return when to warn, or when a new warning may be given."""
        limit_w = span.status.power_limit_w
        if self._warned:
            return self._far.find(span.ac_power_w < self._rearm_share * limit_w)
        return self._near.find(span.ac_power_w > self._warn_share * limit_w)

    def live(self, span: Span, ticks: int) -> None:
        """Count the time near the limit, or far from it."""
        limit_w = span.status.power_limit_w
        if self._warned:
            self._far.live(span.ac_power_w < self._rearm_share * limit_w, ticks)
        else:
            self._near.live(span.ac_power_w > self._warn_share * limit_w, ticks)

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Warn, or make ready to warn again."""
        self._near.reset()
        self._far.reset()
        self._warned = not self._warned
        if not self._warned:
            return []
        return [Warn(TripCode.POWER_LIMIT, UNIT, clamp_u16(at(span.ac_power_w, ticks)))]

    def standing(self, span: Span) -> bool:
        """Say no: a warning forbids nothing."""
        return False
