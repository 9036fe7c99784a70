"""What makes the EVPS stop (facts: sections 4.1, 4.3, 4.4 and 9.2)."""

from __future__ import annotations

from dataclasses import dataclass

from rig.chademo.frames import VehicleStatus, has_vehicle_fault
from rig.chademo.roles.evps_bounds import threshold_v
from rig.chademo.roles.evps_frames import EvpsFault
from rig.chademo.roles.evps_parameters import EvpsParameters
from rig.chademo.roles.evps_states import EvpsState
from rig.chademo.roles.lines import Line, Lines
from rig.chademo.roles.mailbox import Mailbox
from rig.chademo.roles.reasons import Reason

__all__ = ["EvpsWatch", "Stop"]

_CLOSED = frozenset({EvpsState.PRECHARGE, EvpsState.READY, EvpsState.TRANSFER})


@dataclass(frozen=True, slots=True)
class Stop:
    """A cause to stop, the bit it sets, and whether handshakes are given up."""

    reason: Reason
    fault: EvpsFault | None = None
    emergency: bool = False


class EvpsWatch:
    """Looks at frames and lines each tick."""

    def __init__(self, parameters: EvpsParameters, heard: Mailbox, lines: Lines) -> None:
        self._parameters, self._heard, self._lines = parameters, heard, lines
        self._differ_s: float | None = None
        self._threshold_v: int | None = None

    @property
    def threshold_v(self) -> int:
        """The own threshold, fixed at the first request (section 2.6)."""
        if self._threshold_v is None:
            current = threshold_v(self._heard, self._parameters)
            if self._heard.get(VehicleStatus).current_request_a == 0:
                return current
            self._threshold_v = current
        return self._threshold_v

    def early(self, state: EvpsState, now_s: float) -> Stop | None:
        """Return what stops a session in any state."""
        if not self._lines.read(Line.PROXIMITY):
            return Stop(Reason.UNPLUGGED, EvpsFault.SYSTEM, emergency=True)
        if not self._heard.count and self._lines.read(Line.K):
            return Stop(Reason.LINE_BEFORE_CAN, EvpsFault.SYSTEM)
        if not self._heard.complete:
            return None
        if self._heard.silent_s(now_s) > self._parameters.can_loss_s:
            return Stop(Reason.CAN_LOST, EvpsFault.SYSTEM)
        return self._told(state) or self._inconsistent(now_s)

    def _told(self, state: EvpsState) -> Stop | None:
        vehicle = self._heard.get(VehicleStatus)
        if has_vehicle_fault(vehicle):
            return Stop(Reason.VEHICLE_FAULT)
        if vehicle.not_in_park:
            return Stop(Reason.NOT_IN_PARK)
        before = vehicle.stop_before_charge and state is not EvpsState.TRANSFER
        if before and vehicle.current_request_a == 0:
            return Stop(Reason.STOP_BEFORE_CHARGE)
        return None

    def enabled(self, state: EvpsState, now_s: float) -> Stop | None:
        """Return what stops a session that was permitted; either permission suffices to stop."""
        vehicle = self._heard.get(VehicleStatus)
        if not vehicle.enabled:
            return Stop(Reason.PERMISSION_CAN)
        if not self._lines.read(Line.K):
            return Stop(Reason.PERMISSION_LINE)
        if state in _CLOSED and vehicle.contactor_open:
            return Stop(Reason.CONTACTOR_OPEN, EvpsFault.SYSTEM)
        return None

    def _inconsistent(self, now_s: float) -> Stop | None:
        if self._heard.get(VehicleStatus).enabled == self._lines.read(Line.K):
            self._differ_s = None
            return None
        self._differ_s = now_s if self._differ_s is None else self._differ_s
        if now_s - self._differ_s <= self._parameters.skew_s:
            return None
        return Stop(Reason.INCONSISTENT, EvpsFault.SYSTEM)
