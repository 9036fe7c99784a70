"""The states of the off-board box, in the order of a session."""

from __future__ import annotations

from enum import Enum, auto

__all__ = ["ENERGIZING", "STARTING", "BoxState"]


class BoxState(Enum):
    """Where a session stands."""

    IDLE = auto()
    WAITING = auto()
    PARAMETERS = auto()
    LOCKING = auto()
    INSULATION = auto()
    BLEEDING = auto()
    CLOSING = auto()
    MATCHING = auto()
    JOINING = auto()
    READY = auto()
    TRANSFER = auto()
    RAMP_DOWN = auto()
    WELD_CHECK = auto()
    D2_OFF = auto()
    EMERGENCY = auto()
    EMPTYING = auto()
    FAREWELL = auto()


_S = BoxState
STARTING = frozenset(
    {
        _S.WAITING, _S.PARAMETERS, _S.LOCKING, _S.INSULATION, _S.BLEEDING, _S.CLOSING,
        _S.MATCHING, _S.JOINING, _S.READY, _S.TRANSFER,
    }
)  # fmt: skip
"""From the start button to the end of the transfer: what still can be stopped."""
ENERGIZING = frozenset(_S) - {_S.IDLE, _S.WAITING, _S.PARAMETERS, _S.FAREWELL}
"""The connector is locked."""
