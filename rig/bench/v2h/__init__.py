"""Sessions at the CHAdeMO port: the rig's end of the plug on the bench's roles."""

from rig.bench.v2h.evps_session import EvpsSession
from rig.bench.v2h.meter import SessionMeter
from rig.bench.v2h.offboard import OffboardStation
from rig.bench.v2h.scope import PORT_CURRENT, PORT_VOLTAGE, PortWave
from rig.bench.v2h.station import Direction, V2hStation
from rig.bench.v2h.vehicle_session import VehicleSession

__all__ = [
    "PORT_CURRENT",
    "PORT_VOLTAGE",
    "Direction",
    "EvpsSession",
    "OffboardStation",
    "PortWave",
    "SessionMeter",
    "V2hStation",
    "VehicleSession",
]
