"""The trip codes of the unit: their names, and the unit of the value stored with each.

What a record's value means (16 bit): 1 apparent power in % of the rating; 2 socket current in
0.01 A; 3 instantaneous current in 0.1 A; 4, 5 residual current in 0.1 mA, RMS without its direct
part or mean; 6, 7 insulation in 0.1 kilohm; 8, 9 output volts in 0.1 V; 10 frequency in 0.01 Hz;
11 heat sink in 0.1 C; 12 SOC in 0.1 %; 13, 14 pack volts in 0.1 V; 15, 16, 17 always 1; 18, 19
volts behind the relay in 0.1 V; 20 the power that was too much, total or the pack's, in W; 21 the
12 V supply in 0.1 V; 22 age of the vehicle's data in ms; 30 silence of the EVPS in ms; 31 what is
missing (1 d1, 2 d2, 4 the plug); 32, 33 port current in 0.1 A; 34 kOhm; 35, 36 the EVPS's status
byte; 37 the port's state; 38 the gear. A warning is stored under 100 + the code it warns of, with
the same value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = [
    "UNIT",
    "WARNING",
    "Decision",
    "Derate",
    "Restore",
    "Trip",
    "TripCode",
    "Warn",
    "clamp_u16",
    "socket_name",
    "text_of",
]

UNIT = 0
"""The "socket" of an event that concerns the whole unit; sockets A, B, C are 1, 2, 3."""
WARNING = 100


class TripCode(IntEnum):
    """Reference outlet controller, section 2."""

    OVERLOAD_INVERTER = 1
    OVERLOAD_SOCKET = 2
    SHORT_CIRCUIT = 3
    RESIDUAL_AC = 4
    RESIDUAL_DC = 5
    INSULATION_DC = 6
    INSULATION_AC = 7
    AC_OVER_VOLTAGE = 8
    AC_UNDER_VOLTAGE = 9
    FREQUENCY = 10
    OVER_TEMPERATURE = 11
    SOC_FLOOR = 12
    DC_UNDER_VOLTAGE = 13
    DC_OVER_VOLTAGE = 14
    LID = 15
    WET = 16
    PE_LOST = 17
    BACKFEED = 18
    WELD = 19
    POWER_LIMIT = 20
    BROWN_OUT = 21
    VEHICLE_STALE = 22
    V2H_CAN_LOST = 30
    V2H_LINE_LOST = 31
    V2H_OVER_CURRENT = 32
    V2H_REVERSE_CURRENT = 33
    V2H_INSULATION = 34
    V2H_LOCK = 35
    V2H_EMERGENCY_STOP = 36
    V2H_SEQUENCE_TIMEOUT = 37
    V2H_NOT_PARKED = 38


@dataclass(frozen=True, slots=True)
class Trip:
    """Switch a socket, or the whole unit, off."""

    code: TripCode
    socket: int
    value: int


@dataclass(frozen=True, slots=True)
class Warn:
    """Write a warning of a trip that may come."""

    code: TripCode
    socket: int
    value: int


@dataclass(frozen=True, slots=True)
class Restore:
    """Say that the cause of a trip of kind C is gone."""

    code: TripCode
    socket: int


@dataclass(frozen=True, slots=True)
class Derate:
    """Say that less than the power limit is given, or that all of it is again."""

    on: bool


Decision = Trip | Warn | Restore | Derate


def clamp_u16(value: float) -> int:
    """Return a value as an unsigned 16-bit register holds it, saturated."""
    return max(0, min(65535, round(value)))


def socket_name(socket: int) -> str:
    """Return how the console names a socket: ``-`` for the whole unit."""
    return "-ABC"[socket]


def text_of(code: int) -> str:
    """Return the code in words, with what a warning warns of."""
    if code > WARNING:
        return f"warning of {text_of(code - WARNING)}"
    return TripCode(code).name.lower().replace("_", " ")
