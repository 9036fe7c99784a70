"""The simulated off-board V2H box: firmware of the home's side of a CHAdeMO session."""

from rig.virtual.offboard.box import OffboardBox
from rig.virtual.offboard.contract import BoxInputs, BoxPins, Button
from rig.virtual.offboard.parameters import BoxParameters

__all__ = ["BoxInputs", "BoxParameters", "BoxPins", "Button", "OffboardBox"]
