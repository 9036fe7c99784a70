"""The states of the port as register 48 shows them, and why a session ended (register 51)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from rig.virtual.unit.trips import TripCode

__all__ = ["ACTIVE", "OWN_REASONS", "PortState", "Stop", "StopReason"]


class PortState(IntEnum):
    """Input register 48."""

    OFF = 0
    IDLE = 1
    WAKING = 2
    PARAMETERS = 3
    PERMITTED = 4
    CLOSING = 5
    READY = 6
    REQUESTING = 7
    TRANSFER = 8
    STOPPING = 9
    WELD_CHECK = 10
    FINISHED = 11


ACTIVE = frozenset(
    {
        PortState.PERMITTED, PortState.CLOSING, PortState.READY,
        PortState.REQUESTING, PortState.TRANSFER,
    }
)  # fmt: skip
"""From the permission to its end."""


class StopReason(IntEnum):
    """Input register 51: these, or a trip code (11 and above)."""

    NONE = 0
    BY_EVPS = 1
    BY_COMMAND = 2
    INCOMPATIBLE = 3
    VOLTAGE_DEVIATION = 4


OWN_REASONS = frozenset(StopReason)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why to stop, the bits it sets in 0x102, and the value for the event log."""

    reason: StopReason | TripCode
    value: int = 0
    faults: frozenset[str] = field(default_factory=frozenset)
    emergency: bool = False
    """Handshakes are given up: the contactors are opened at any current."""
