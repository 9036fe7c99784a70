"""The CHAdeMO port of the simulated controller: firmware of the vehicle's side."""

from rig.virtual.unit.v2h.contract import CanNode, Heard, PortInputs, PortPins
from rig.virtual.unit.v2h.parameters import V2hParameters
from rig.virtual.unit.v2h.port import V2hPort
from rig.virtual.unit.v2h.states import PortState, StopReason

__all__ = [
    "CanNode",
    "Heard",
    "PortInputs",
    "PortPins",
    "PortState",
    "StopReason",
    "V2hParameters",
    "V2hPort",
]
