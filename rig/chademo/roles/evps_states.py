"""The states of the EVPS role, and which may follow which (facts: sections 6, 8 and 9.2)."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["EVPS_TRANSITIONS", "EvpsState"]


class EvpsState(StrEnum):
    """In the order of a session."""

    IDLE = "idle"
    WAKING = "waking"
    PARAMETERS = "parameters"
    LOCKING = "locking"
    INSULATION = "insulation test"
    BLEEDING = "bleeding"
    CLOSING = "vehicle closes"
    PRECHARGE = "pre-charge"
    READY = "ready"
    TRANSFER = "transfer"
    RAMP_DOWN = "ramp-down"
    WELD_CHECK = "weld check"
    D2_OFF = "d2 off"
    EMERGENCY = "emergency"
    DISCHARGING = "output falls"
    UNLOCKED = "unlocked"
    FINISHED = "finished"


_S = EvpsState
_STOP = frozenset({_S.RAMP_DOWN, _S.EMERGENCY})

EVPS_TRANSITIONS = {
    _S.IDLE: frozenset({_S.WAKING}),
    _S.WAKING: frozenset({_S.PARAMETERS}) | _STOP,
    _S.PARAMETERS: frozenset({_S.LOCKING}) | _STOP,
    _S.LOCKING: frozenset({_S.INSULATION}) | _STOP,
    _S.INSULATION: frozenset({_S.BLEEDING}) | _STOP,
    _S.BLEEDING: frozenset({_S.CLOSING}) | _STOP,
    _S.CLOSING: frozenset({_S.PRECHARGE}) | _STOP,
    _S.PRECHARGE: frozenset({_S.READY}) | _STOP,
    _S.READY: frozenset({_S.TRANSFER}) | _STOP,
    _S.TRANSFER: _STOP,
    _S.RAMP_DOWN: frozenset({_S.WELD_CHECK, _S.EMERGENCY}),
    _S.WELD_CHECK: frozenset({_S.D2_OFF, _S.EMERGENCY}),
    _S.D2_OFF: frozenset({_S.DISCHARGING, _S.EMERGENCY}),
    _S.EMERGENCY: frozenset({_S.DISCHARGING}),
    _S.DISCHARGING: frozenset({_S.UNLOCKED}),
    _S.UNLOCKED: frozenset({_S.FINISHED}),
    _S.FINISHED: frozenset[EvpsState](),
}
