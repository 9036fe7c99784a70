"""The states of the unit and of a socket, as the service port shows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["ARMED", "LATCHED", "Command", "SocketChannel", "SocketState", "UnitState"]


class UnitState(IntEnum):
    """Input register 0."""

    OFF = 0
    STANDBY = 1
    PRE_CHECK = 2
    RUNNING = 3
    DERATED = 4
    TRIPPED = 5
    LOCKED_OUT = 6


ARMED = frozenset({UnitState.PRE_CHECK, UnitState.RUNNING, UnitState.DERATED})
"""The states in which the unit energises, or is about to."""


class SocketState(IntEnum):
    """First input register of a socket."""

    OFF = 0
    ON = 1
    TRIPPED = 2
    LOCKED_OUT = 3
    SHED = 4
    INHIBITED = 5


class Command(IntEnum):
    """Holding register 0."""

    START = 1
    STOP = 2
    ACKNOWLEDGE = 3
    CLEAR_LOCK_OUT = 4


LATCHED = frozenset({SocketState.TRIPPED, SocketState.INHIBITED})
"""The states that an acknowledge leaves."""


@dataclass(slots=True)
class SocketChannel:
    """One socket as the firmware knows it."""

    number: int
    state: SocketState = SocketState.OFF
    trip_code: int = 0
