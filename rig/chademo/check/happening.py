"""The steps of a session that the frames show (facts: sections 6 to 8)."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["STOPS", "Happening"]


class Happening(StrEnum):
    """A step; each is taken once a session, except pauses."""

    VEHICLE_TALKS = "the vehicle talks"
    CHARGER_TALKS = "the charger talks"
    INSIDE = "the log begins inside the session"
    ENABLED = "charging enabled by the vehicle"
    LOCKED = "connector locked, output may be live"
    TEST_VOLTAGE = "insulation test: the output rises"
    TEST_OVER = "insulation test over"
    CLOSED = "vehicle contactor closed"
    REQUESTED = "first current request"
    TRANSFER = "transfer starts"
    CURRENT = "first current flows"
    DISCHARGE_ALLOWED = "the vehicle allows discharge"
    DISCHARGE = "discharge begins"
    PAUSED = "no charge current available"
    RESUMED = "charge current available again"
    STOP_ORDERED = "the charger begins to stop"
    DISABLED = "charging no longer enabled by the vehicle"
    VEHICLE_FAULT = "the vehicle reports a fault"
    NOT_PARKED = "the vehicle is not in park"
    CHARGER_FAULT = "the charger reports a fault"
    VEHICLE_SILENT = "the vehicle has fallen silent"
    CHARGER_SILENT = "the charger has fallen silent"
    LOW_CURRENT = "current at 5 A or less"
    TRANSFER_OFF = "transfer control off"
    OUTPUT_FALLS = "output voltage falls"
    OUTPUT_QUARTER = "output at a quarter"
    OPENED = "vehicle contactor open, weld check done"
    OUTPUT_GONE = "output at 10 V or less"
    UNLOCKED = "connector unlocked"


STOPS = frozenset(
    {
        Happening.STOP_ORDERED,
        Happening.DISABLED,
        Happening.VEHICLE_FAULT,
        Happening.NOT_PARKED,
        Happening.CHARGER_FAULT,
        Happening.VEHICLE_SILENT,
        Happening.CHARGER_SILENT,
    }
)
"""What ends a session, whichever comes first."""
