"""What ends a session from the vehicle's side, as the box sees it (sections 4.1, 4.3 and 4.4)."""

from __future__ import annotations

from rig.virtual.offboard.contract import BoxInputs
from rig.virtual.offboard.frames import VehicleFrames
from rig.virtual.offboard.parameters import BoxParameters
from rig.virtual.offboard.states import STARTING, BoxState
from rig.virtual.offboard.status import SYSTEM

__all__ = ["BoxWatch"]

_S = BoxState
_PERMITTED = STARTING - {_S.WAITING, _S.PARAMETERS}
_CLOSED = frozenset({_S.MATCHING, _S.JOINING, _S.READY, _S.TRANSFER})


class BoxWatch:
    """Looks at lines and frames on every look of the box."""

    def __init__(self, parameters: BoxParameters, vehicle: VehicleFrames) -> None:
        self._parameters, self._vehicle = parameters, vehicle
        self._differ_s: float | None = None

    def stop(self, state: BoxState, seen: BoxInputs, now_s: float) -> tuple[str, int] | None:
        """Return why to stop in the normal order, and the fault bit that it sets."""
        if state not in STARTING:
            return None
        if not self._vehicle.complete:
            return ("k before any frame", SYSTEM) if seen.k else None
        return self._told(state, now_s) or self._withdrawn(state, seen, now_s)

    def _told(self, state: BoxState, now_s: float) -> tuple[str, int] | None:
        vehicle, parameters = self._vehicle, self._parameters
        if vehicle.silent_s(now_s) > parameters.can_loss_s:
            return "silence of the vehicle", SYSTEM
        if vehicle.faulty and parameters.heeds_faults:
            return "fault of the vehicle", 0
        if not vehicle.parked:
            return "vehicle not parked", 0
        before = vehicle.stops_before_charge and state is not _S.TRANSFER
        return ("stop before charge", 0) if before and parameters.heeds_target else None

    def _withdrawn(self, state: BoxState, seen: BoxInputs, now_s: float) -> tuple[str, int] | None:
        vehicle, parameters = self._vehicle, self._parameters
        k = seen.k or not parameters.heeds_k
        enabled = vehicle.enabled or not parameters.heeds_enable
        if self._differs(k, vehicle.enabled, now_s):
            return "k against 102.5.0", SYSTEM
        if state in _PERMITTED and not (k and enabled):
            return "permission withdrawn", 0
        if state in _CLOSED and vehicle.contactor_open:
            return "vehicle's contactors open", SYSTEM
        return None

    def _differs(self, k: bool, enabled: bool, now_s: float) -> bool:
        """Say whether k and 102.5.0 have differed for too long."""
        parameters = self._parameters
        if k == enabled or not (parameters.heeds_k and parameters.heeds_enable):
            self._differ_s = None
            return False
        self._differ_s = now_s if self._differ_s is None else self._differ_s
        return now_s - self._differ_s > parameters.skew_s
