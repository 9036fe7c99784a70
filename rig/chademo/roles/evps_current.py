"""The current the EVPS drives: wanted, bounded, ramped, and now and then a sign of life."""

from __future__ import annotations

from rig.chademo.roles.evps_bounds import Bounds
from rig.chademo.roles.evps_parameters import EvpsParameters

__all__ = ["EvpsCurrent"]


class EvpsCurrent:
    """Rises at most 20 A/s in either direction, falls at once (facts: sections 6 #16 and 7)."""

    def __init__(self, parameters: EvpsParameters) -> None:
        self._parameters = parameters
        self.amps = 0.0
        """The set-point now, positive into the vehicle."""
        self._last_s = 0.0
        self._charged_s: float | None = None

    def begin(self, now_s: float) -> None:
        """Begin a transfer at rest."""
        self.amps, self._last_s, self._charged_s = 0.0, now_s, now_s

    def follow(self, wanted_a: float, bounds: Bounds, now_s: float) -> float:
        """Return the set-point of this instant."""
        step_a = self._parameters.rise_a_per_s * (now_s - self._last_s)
        self._last_s = now_s
        goal_a = bounds.clamp(self._alive(wanted_a, bounds, now_s))
        before_a = self.amps
        if before_a * goal_a < 0:
            before_a = 0.0
        most_a = abs(before_a) + step_a
        self.amps = min(max(goal_a, -most_a), most_a)
        return self.amps

    def fall(self, now_s: float) -> float:
        """Return the set-point on the way to 0."""
        most_a = max(self._parameters.available_a, self._parameters.input_a)
        rate = max(self._parameters.fall_a_per_s, most_a / self._parameters.fall_within_s)
        step_a = rate * (now_s - self._last_s)
        self._last_s = now_s
        size_a = max(abs(self.amps) - step_a, 0.0)
        self.amps = size_a if self.amps > 0 else -size_a
        return self.amps

    def drop(self, now_s: float) -> None:
        """Be at 0 at once."""
        self.amps, self._last_s = 0.0, now_s

    def _alive(self, wanted_a: float, bounds: Bounds, now_s: float) -> float:
        """Charge a little for a moment where 109.3 has been 0 for too long (section 7).

        The current flows in truth, so that frames and supply go on telling one story; where the
        vehicle takes none, there is nothing to be done.
        """
        after_s, least_a = self._parameters.keep_alive_s, self._parameters.keep_alive_a
        if after_s is None or self._charged_s is None:
            return wanted_a
        if self.amps >= least_a and wanted_a >= least_a:
            self._charged_s = now_s
        due_s = self._charged_s + after_s
        if now_s < due_s or bounds.high_a < least_a:
            return wanted_a
        if now_s >= due_s + self._parameters.keep_alive_for_s:
            self._charged_s = now_s
        return least_a
