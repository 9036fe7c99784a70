"""Why a session ends, as one side sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Ending", "Reason"]


class Reason(StrEnum):
    """The first cause a role has seen; sections are those of chademo.md."""

    BUTTON = "stopped by its own user"
    TIME_OVER = "charging time over"
    OVER_THRESHOLD = "output above the threshold voltage"
    EMERGENCY = "emergency stop"
    MALFUNCTION = "own malfunction"
    UNPLUGGED = "plug lost"
    INSULATION = "insulation too low"
    INCOMPATIBLE = "incompatible"
    DEADLINE = "the other side is late"
    CAN_LOST = "CAN lost"
    LINE_BEFORE_CAN = "k before any frame"
    INCONSISTENT = "line against CAN"
    PERMISSION_CAN = "102.5.0 withdrawn"
    PERMISSION_LINE = "k withdrawn"
    VEHICLE_FAULT = "vehicle reports a fault"
    NOT_IN_PARK = "not in park"
    STOP_BEFORE_CHARGE = "stop asked for before charging"
    CONTACTOR_OPEN = "vehicle contactor open unasked"
    CHARGER_STOP = "109.5.5 set"
    CHARGER_FAULT = "charger reports a fault"
    LINE_LOST = "d1 or d2 lost"
    CURRENT_DEVIATION = "current beyond what was asked for"
    VOLTAGE_DEVIATION = "109.1-2 is not the voltage measured"
    OVER_VOLTAGE = "battery over-voltage"
    UNDER_VOLTAGE = "battery under-voltage"
    OVER_TEMPERATURE = "battery over-temperature"
    REVERSE_CURRENT = "charged where only discharge is allowed"
    NO_CHARGE_CURRENT = "no charge current reported for too long"
    WELDED = "contactor does not open"
    NOT_CLOSED = "contactor does not close"


@dataclass(frozen=True, slots=True)
class Ending:
    """The first cause, when, in which state, and whether handshakes were given up for it."""

    reason: Reason
    t_s: float
    state: str
    emergency: bool = False
