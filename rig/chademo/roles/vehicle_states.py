"""The states of the vehicle role, and which may follow which (facts: sections 6, 8 and 9.1)."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["VEHICLE_TRANSITIONS", "VehicleState"]


class VehicleState(StrEnum):
    """In the order of a session."""

    OFF = "off"
    WAKING = "waking"
    INIT = "init"
    PARAMETERS = "parameters"
    PERMITTED = "permitted"
    ENABLED = "enabled"
    CLOSING = "closing"
    CLOSED = "closed"
    RUN = "run"
    STOPPING = "stopping"
    WELD_CHECK = "weld check"
    OPENED = "opened"
    FAREWELL = "farewell"
    FINISHED = "finished"


_S = VehicleState
_STOP = frozenset({_S.STOPPING, _S.WELD_CHECK})

VEHICLE_TRANSITIONS = {
    _S.OFF: frozenset({_S.WAKING}),
    _S.WAKING: frozenset({_S.INIT, _S.FAREWELL}),
    _S.INIT: frozenset({_S.PARAMETERS}) | _STOP,
    _S.PARAMETERS: frozenset({_S.PERMITTED}) | _STOP,
    _S.PERMITTED: frozenset({_S.ENABLED}) | _STOP,
    _S.ENABLED: frozenset({_S.CLOSING}) | _STOP,
    _S.CLOSING: frozenset({_S.CLOSED}) | _STOP,
    _S.CLOSED: frozenset({_S.RUN}) | _STOP,
    _S.RUN: _STOP,
    _S.STOPPING: frozenset({_S.WELD_CHECK}),
    _S.WELD_CHECK: frozenset({_S.OPENED}),
    _S.OPENED: frozenset({_S.FAREWELL}),
    _S.FAREWELL: frozenset({_S.FINISHED}),
    _S.FINISHED: frozenset[VehicleState](),
}
