"""Real wires of the virtual bench: loopback sockets and pseudo-terminals, in virtual time."""

from rig.virtual.wires.contract import Line, Service, Session
from rig.virtual.wires.fault_models import (
    Corrupt,
    Delay,
    Drop,
    Duplicate,
    Fault,
    FaultFile,
    HalfClose,
    Jitter,
    Late,
    Refuse,
    Reset,
    Stuck,
    Truncate,
    When,
)
from rig.virtual.wires.faults import LinkFaults
from rig.virtual.wires.hub import Guard, Hub
from rig.virtual.wires.message import MessageDevice, Response, stream_service
from rig.virtual.wires.virtual import VirtualWire, VirtualWires

__all__ = [
    "Corrupt",
    "Delay",
    "Drop",
    "Duplicate",
    "Fault",
    "FaultFile",
    "Guard",
    "HalfClose",
    "Hub",
    "Jitter",
    "Late",
    "Line",
    "LinkFaults",
    "MessageDevice",
    "Refuse",
    "Reset",
    "Response",
    "Service",
    "Session",
    "Stuck",
    "Truncate",
    "VirtualWire",
    "VirtualWires",
    "When",
    "stream_service",
]
