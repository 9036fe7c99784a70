"""An engine for simulated SCPI boxes; ``device`` says how to declare one."""

from rig.virtual.scpi.common import CommonCommands, ErrorQueries, StatusRegisters
from rig.virtual.scpi.device import Dialect, ScpiDevice, command, query
from rig.virtual.scpi.errors import ErrorQueue, ScpiError
from rig.virtual.scpi.header import Command, Reply
from rig.virtual.scpi.parameters import AnyOf, Block, Boolean, Choice, Integer, Number, Text
from rig.virtual.scpi.status import RegisterGroup

__all__ = [
    "AnyOf",
    "Block",
    "Boolean",
    "Choice",
    "Command",
    "CommonCommands",
    "Dialect",
    "ErrorQueries",
    "ErrorQueue",
    "Integer",
    "Number",
    "RegisterGroup",
    "Reply",
    "ScpiDevice",
    "ScpiError",
    "StatusRegisters",
    "Text",
    "command",
    "query",
]
