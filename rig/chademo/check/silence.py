"""Notice a side that falls silent, and a side that goes on all the same (facts: section 1)."""

from __future__ import annotations

from rig.chademo.check.case import Case
from rig.chademo.check.happening import Happening
from rig.chademo.frames import Side

__all__ = ["Silence"]

_OTHER = {Side.VEHICLE: Side.CHARGER, Side.CHARGER: Side.VEHICLE}
_SILENT = {Side.VEHICLE: Happening.VEHICLE_SILENT, Side.CHARGER: Happening.CHARGER_SILENT}


class Silence:
    """Takes the time of every frame of either side."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._last_s: dict[Side, float] = {}
        self._reacted: set[Side] = set()

    def take(self, side: Side, t_s: float) -> Happening | None:
        """Note a frame of one side; return that the other has fallen silent, once."""
        self._last_s[side] = t_s
        silent = _OTHER[side]
        last_s = self._last_s.get(silent)
        if last_s is None or t_s - last_s <= self._case.limits.can_loss_s:
            return None
        if not self._case.done(_SILENT[silent]):
            if not self._case.live:
                return None
            self._lost(silent, t_s - last_s)
            return _SILENT[silent]
        if t_s - last_s > self._case.limits.can_loss_reaction_s and side not in self._reacted:
            self._reacted.add(side)
            self._judge_reaction(side)
        return None

    def since(self, side: Side, t_s: float) -> float:
        """Return for how long a side has been silent, 0 if it never talked."""
        return t_s - self._last_s.get(side, t_s)

    def _lost(self, silent: Side, for_s: float) -> None:
        self._case.error(
            "CAN lost",
            silent,
            f"the {silent} has sent nothing for {for_s:.2f} s in the middle of the session",
            "§1",
        )

    def _judge_reaction(self, side: Side) -> None:
        bus = self._case.bus
        if side is Side.CHARGER:
            goes_on = bus.charger.charging and not bus.charger.stop_control
        else:
            goes_on = bus.vehicle.enabled
        if goes_on:
            self._case.error(
                "reaction to CAN loss",
                side,
                f"the {side} goes on although it hears nothing any more",
                "§1, §4.3",
            )
