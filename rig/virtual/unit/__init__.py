"""The simulated reference outlet controller, as its firmware would be."""

from rig.virtual.unit.controller import SimulatedController
from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defects import defect_by_id, list_defects, load_defects
from rig.virtual.unit.parameters import InverterParameters, Parameters

__all__ = [
    "Defect",
    "InverterParameters",
    "Parameters",
    "SimulatedController",
    "defect_by_id",
    "list_defects",
    "load_defects",
]
