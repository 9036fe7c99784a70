"""How much current the unit permits in each direction, cycle by cycle (R-V2H-03, R-V2H-12)."""

from __future__ import annotations

from math import floor

from rig.virtual.unit.ticks import TICKS_PER_S
from rig.virtual.unit.v2h.frames import EvpsFrames
from rig.virtual.unit.v2h.parameters import V2hParameters
from rig.virtual.unit.v2h.view import View

__all__ = ["Allowance"]

_FULL_PERCENT = 100.0


class Allowance:
    """The request (102.3) and the discharge limit (200.0): up by steps, down at once."""

    def __init__(self, parameters: V2hParameters) -> None:
        self._parameters = parameters
        self.request_a = 0
        self.discharge_a = parameters.before_start_a
        self.follows_s = 0.0
        """For how long more has been drawn than is permitted."""
        self._beyond_since: int | None = None
        self._empty = self._low = self._full = False
        """Latched until the pack has come back by some way."""

    def renew(self, view: View, evps: EvpsFrames, *, discharge: bool) -> None:
        """Go on by one cycle; ``discharge`` = the discharge limit may be above 0 by now."""
        self._latch(view)
        self.request_a = self._toward(self.request_a, self._request_a(view, evps))
        wanted = self._discharge_a(view, evps) if discharge else self._parameters.before_start_a
        self.discharge_a = self._toward(self.discharge_a, wanted)

    def hold(self, view: View, evps: EvpsFrames) -> None:
        """Fall within a cycle where less is permitted now; never rise."""
        self._latch(view)
        self._watch_following(view)
        request_a, discharge_a = self._request_a(view, evps), self._discharge_a(view, evps)
        if self._parameters.fall_a_per_cycle >= self.request_a:
            self.request_a = min(self.request_a, request_a)
        if self._parameters.fall_a_per_cycle >= self.discharge_a:
            self.discharge_a = min(self.discharge_a, discharge_a)

    def end(self) -> None:
        """Permit nothing more."""
        self.discharge_a = 0
        if self._parameters.zeroes_request:
            self.request_a = 0

    def _toward(self, now_a: int, wanted_a: int) -> int:
        if wanted_a > now_a:
            return min(wanted_a, now_a + self._parameters.rise_a_per_cycle)
        return max(wanted_a, now_a - self._parameters.fall_a_per_cycle)

    def _watch_following(self, view: View) -> None:
        if -view.inlet_a <= self.discharge_a + 1.0:
            self._beyond_since, self.follows_s = None, 0.0
            return
        since = view.tick if self._beyond_since is None else self._beyond_since
        self._beyond_since, self.follows_s = since, (view.tick - since) / TICKS_PER_S

    def _latch(self, view: View) -> None:
        """Note what the pack forbids, with hysteresis: volts come back when the current ends."""
        parameters = self._parameters
        back_v = parameters.return_v
        soc, floor_percent = view.soc_percent, view.floor_percent
        self._low = view.pack_v <= parameters.min_discharge_v + (back_v if self._low else 0.0)
        self._full = view.pack_v >= parameters.full_v - (back_v if self._full else 0.0)
        back_percent = parameters.floor_return_percent if self._empty else 0.0
        self._empty = soc <= floor_percent + back_percent

    def _request_a(self, view: View, evps: EvpsFrames) -> int:
        parameters = self._parameters
        forbidden = self._full or view.soc_percent >= _FULL_PERCENT
        if forbidden or (parameters.floor_stops_charge and self._empty):
            return 0
        offered_a = view.limit_a if parameters.ignores_evps_limits else evps.available_a
        if not view.may_charge:
            return min(parameters.marks_start_a, offered_a)
        takes_a = floor(view.pack_takes_w / max(view.pack_v, 1.0))
        return max(0, min(parameters.charge_a, view.limit_a, offered_a, takes_a))

    def _discharge_a(self, view: View, evps: EvpsFrames) -> int:
        if not view.may_discharge or self._empty or self._low or not evps.may_discharge:
            return 0
        taken_a = view.limit_a if self._parameters.ignores_evps_limits else evps.input_a
        gives_a = floor((view.pack_gives_w - view.others_w) / max(view.pack_v, 1.0))
        return max(0, min(view.limit_a, taken_a, gives_a))
