"""The heat sink warm: the unit says that its power limit is lowered (R-OT-01).

The limit itself follows the temperature (``HeatParameters.power_share``); what goes then is the
power limit's own affair.
"""

from __future__ import annotations

from rig.virtual.unit.parameters import HeatParameters
from rig.virtual.unit.protections.delayed import Delayed
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import UNIT, Decision, Derate, TripCode, Warn, clamp_u16

__all__ = ["Derating"]


class Derating:
    """Enter and leave the derated state, with a warning on entering; its value is in 0.1 C."""

    def __init__(self, settings: HeatParameters) -> None:
        self._from_c = settings.derate_from_c
        self._changed = Delayed(settings.notice_s)

    def find(self, span: Span) -> int | None:
        """Return when the state has been another than the temperature's for long enough."""
        return self._changed.find(self._differs(span)) if span.status.inverter_on else None

    def live(self, span: Span, ticks: int) -> None:
        """Count the time for which the state is not the temperature's."""
        self._changed.live(span.status.inverter_on and self._differs(span), ticks)

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Change the state."""
        self._changed.reset()
        if span.status.derated:
            return [Derate(False)]
        warning = Warn(TripCode.OVER_TEMPERATURE, UNIT, clamp_u16(10.0 * span.heatsink_c))
        return [Derate(True), warning]

    def standing(self, span: Span) -> bool:
        """Say no: a warm unit may start."""
        return False

    def _differs(self, span: Span) -> bool:
        return (span.heatsink_c > self._from_c) != span.status.derated
