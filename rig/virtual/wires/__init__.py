"""Real wires of the virtual bench: loopback sockets and pseudo-terminals, in virtual time."""

from rig.virtual.wires.contract import Line, Service, Session
from rig.virtual.wires.hub import Hub
from rig.virtual.wires.message import MessageDevice, Response, stream_service
from rig.virtual.wires.virtual import VirtualWire, VirtualWires

__all__ = [
    "Hub",
    "Line",
    "MessageDevice",
    "Response",
    "Service",
    "Session",
    "VirtualWire",
    "VirtualWires",
    "stream_service",
]
