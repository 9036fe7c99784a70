"""A plan that hangs: its thread speaks to no box and does not sleep, while others keep power on."""

from __future__ import annotations

from collections.abc import Callable

from rig.safety import Gate

__all__ = ["PlanSilence"]


class PlanSilence:
    """Says what is wrong when the plan's thread has not passed the gate for ``longest_s``.

    A sleep passes it again and again, so a long hold is no silence. None: never.
    """

    def __init__(self, gate: Gate, now: Callable[[], float], longest_s: float | None) -> None:
        self._gate, self._now, self._longest_s = gate, now, longest_s
        self._passes, self._since_s = gate.passes, now()

    def begin(self) -> None:
        """Count from now."""
        self._passes, self._since_s = self._gate.passes, self._now()

    def look(self) -> str | None:
        """Return what to trip for, if anything."""
        if self._longest_s is None:
            return None
        if self._passes != self._gate.passes:
            self.begin()
        silent_s = self._now() - self._since_s
        if silent_s <= self._longest_s:
            return None
        return (
            f"the plan hangs: for {silent_s:.1f} s it has neither spoken to a box nor slept,"
            f" expected at most {self._longest_s:g} s"
        )
