"""The unit under test: its service interface as a plan sees it, and the reference adapter."""

from rig.controller.protocol import (
    SOCKETS,
    Controller,
    Earthing,
    LogRecord,
    OverloadMemory,
    Settings,
    SocketFlags,
    SocketName,
    SocketState,
    SocketStatus,
    UnitState,
    UnitStatus,
    V2hMode,
    V2hStatus,
    VehicleData,
)
from rig.controller.service_port import ServicePort
from rig.controller.trips import Restart, TripCode

__all__ = [
    "SOCKETS",
    "Controller",
    "Earthing",
    "LogRecord",
    "OverloadMemory",
    "Restart",
    "ServicePort",
    "Settings",
    "SocketFlags",
    "SocketName",
    "SocketState",
    "SocketStatus",
    "TripCode",
    "UnitState",
    "UnitStatus",
    "V2hMode",
    "V2hStatus",
    "VehicleData",
]
