"""One conversation with one box: locking, time-outs, re-opening, transcript."""

from instruments.links.byte_stream import SerialStream
from instruments.links.modbus import ModbusLine, ModbusUnit
from instruments.links.modbus_transport import ModbusTcp, RtuOverTcp, RtuSerial
from instruments.links.together import Together
from instruments.links.transcript import Transcript, render
from instruments.links.visa import VisaLink
from instruments.links.wire import Exchange, RealWires, TranscriptSink, Wire, Wires

__all__ = [
    "Exchange",
    "ModbusLine",
    "ModbusTcp",
    "ModbusUnit",
    "RealWires",
    "RtuOverTcp",
    "RtuSerial",
    "SerialStream",
    "Together",
    "Transcript",
    "TranscriptSink",
    "VisaLink",
    "Wire",
    "Wires",
    "render",
]
