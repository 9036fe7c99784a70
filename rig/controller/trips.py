"""Trip codes of the unit under test, and what restarts it after each; controller.md section 2."""

from __future__ import annotations

from enum import Enum, IntEnum

__all__ = ["Restart", "TripCode"]


class Restart(Enum):
    """What must happen before outlets come back after a trip."""

    AUTOMATIC = "A"
    """It restarts by itself, a limited number of times."""
    ACKNOWLEDGE = "M"
    """A person must acknowledge."""
    CONDITION = "C"
    """It restarts when the cause is gone and charge and temperature allow."""
    LOCKED_OUT = "L"
    """Only clearing the lock-out helps."""
    NEW_SESSION = "S"
    """The V2H session is over; a new one must be begun."""


class TripCode(IntEnum):
    """Why the unit, a socket or the V2H port switched off."""

    NONE = 0
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
    SHED = 20
    BROWN_OUT = 21
    VEHICLE_DATA_STALE = 22
    V2H_CAN_LOST = 30
    V2H_LINE_LOST = 31
    V2H_OVER_CURRENT = 32
    V2H_REVERSE_CURRENT = 33
    V2H_INSULATION = 34
    V2H_LOCK = 35
    V2H_EMERGENCY_STOP = 36
    V2H_SEQUENCE_TIMEOUT = 37
    V2H_NOT_PARKED = 38

    @property
    def restart(self) -> Restart | None:
        """Return what restarts after this trip; None for ``NONE``.

        >>> TripCode.SHORT_CIRCUIT.restart
        <Restart.ACKNOWLEDGE: 'M'>
        """
        if self is TripCode.NONE:
            return None
        if self >= TripCode.V2H_CAN_LOST:
            return Restart.NEW_SESSION
        return _RESTARTS.get(self, Restart.ACKNOWLEDGE)


_RESTARTS = {
    TripCode.OVERLOAD_INVERTER: Restart.AUTOMATIC,
    TripCode.OVERLOAD_SOCKET: Restart.AUTOMATIC,
    TripCode.OVER_TEMPERATURE: Restart.CONDITION,
    TripCode.SOC_FLOOR: Restart.CONDITION,
    TripCode.DC_UNDER_VOLTAGE: Restart.CONDITION,
    TripCode.LID: Restart.CONDITION,
    TripCode.SHED: Restart.CONDITION,
    TripCode.WELD: Restart.LOCKED_OUT,
}
"""Every other code needs acknowledging."""
