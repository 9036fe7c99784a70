"""Both roles on one simulated plug."""

from rig.virtual.chademo.bus import BusPort
from rig.virtual.chademo.cable import Cable, CableParameters, Switching, Who
from rig.virtual.chademo.ends import CableLines, EvpsEnd, VehicleEnd
from rig.virtual.chademo.session import (
    BIT_RATE,
    Couple,
    Sample,
    SessionResult,
    StopKind,
    run_session,
)

__all__ = [
    "BIT_RATE",
    "BusPort",
    "Cable",
    "CableLines",
    "CableParameters",
    "Couple",
    "EvpsEnd",
    "Sample",
    "SessionResult",
    "StopKind",
    "Switching",
    "VehicleEnd",
    "Who",
    "run_session",
]
