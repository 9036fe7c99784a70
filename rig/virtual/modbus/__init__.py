"""The server side of Modbus for simulated boxes: RTU lines, Modbus TCP, and units to put on them.

pymodbus has servers, but not for this purpose: an EA supply speaks SCPI and Modbus RTU on one
socket, answers unit 0, puts two bytes into a coil reply and refuses with codes outside the
standard; and the boxes here must run inside the client's thread, at a frozen instant.
"""

from rig.virtual.modbus.crc import crc16, is_sound, seal
from rig.virtual.modbus.framing import Candidate, Framer, next_candidate
from rig.virtual.modbus.mbap import mbap_service
from rig.virtual.modbus.rtu import RtuLine
from rig.virtual.modbus.unit import Code, Refusal, Unit, exception_reply

__all__ = [
    "Candidate",
    "Code",
    "Framer",
    "Refusal",
    "RtuLine",
    "Unit",
    "crc16",
    "exception_reply",
    "is_sound",
    "mbap_service",
    "next_candidate",
    "seal",
]
