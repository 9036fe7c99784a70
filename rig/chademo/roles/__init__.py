"""Both ends of the plug as state machines: the EVPS and the vehicle."""

from rig.chademo.roles.evps import Evps
from rig.chademo.roles.evps_bounds import Bounds, Offer
from rig.chademo.roles.evps_frames import EvpsFault
from rig.chademo.roles.evps_parameters import EvpsParameters
from rig.chademo.roles.evps_states import EvpsState
from rig.chademo.roles.injection import (
    BusOff,
    Excess,
    Extended,
    Frozen,
    Hold,
    Injection,
    Late,
    LineStuck,
    Missing,
    Swapped,
    When,
    WrongLength,
    WrongValue,
)
from rig.chademo.roles.lines import Line, Lines
from rig.chademo.roles.power import EvpsPower, Measured, VehiclePower
from rig.chademo.roles.reasons import Ending, Reason
from rig.chademo.roles.vehicle import Vehicle
from rig.chademo.roles.vehicle_parameters import VehicleParameters
from rig.chademo.roles.vehicle_states import VehicleState

__all__ = [
    "Bounds",
    "BusOff",
    "Ending",
    "Evps",
    "EvpsFault",
    "EvpsParameters",
    "EvpsPower",
    "EvpsState",
    "Excess",
    "Extended",
    "Frozen",
    "Hold",
    "Injection",
    "Late",
    "Line",
    "LineStuck",
    "Lines",
    "Measured",
    "Missing",
    "Offer",
    "Reason",
    "Swapped",
    "Vehicle",
    "VehicleParameters",
    "VehiclePower",
    "VehicleState",
    "When",
    "WrongLength",
    "WrongValue",
]
