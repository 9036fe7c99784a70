"""The status word of EA supplies and loads (register 505, 32 bits); facts section A1.4."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EaStatus"]

_OUTPUT, _REMOTE, _SINK = 7, 11, 12
_CAUSED_BY_SINK = 31
_ALARMS = {
    16: "OVP",
    17: "OCP",
    18: "OPP",
    19: "OT",
    21: "PF",
    24: "UVD",
    25: "OVD",
    26: "UCD",
    27: "OCD",
    28: "OPD",
    29: "MSP",
    30: "REM_SB",
}
_LOCATIONS = {
    0x00: "nobody",
    0x01: "Local",
    0x03: "USB",
    0x04: "the analogue interface",
    0x05: "Profibus",
    0x06: "Ethernet",
    0x08: "master-slave",
    0x09: "RS-232",
    0x10: "CANopen",
    0x12: "Modbus TCP",
    0x13: "Profinet",
    0x14: "the Ethernet module",
    0x15: "the Ethernet module",
    0x16: "Modbus TCP",
    0x17: "Profinet",
    0x18: "GPIB",
    0x19: "CAN",
    0x1A: "EtherCAT",
    0x1C: "nobody, after a communication time-out",
}


@dataclass(frozen=True, slots=True)
class EaStatus:
    """One reading of the status word.

    >>> EaStatus(0x0001_8886).alarms
    frozenset({'OVP'})
    """

    word: int

    @property
    def output_on(self) -> bool:
        """Whether the DC terminals are on."""
        return self._bit(_OUTPUT)

    @property
    def remote(self) -> bool:
        """Whether the box is under remote control."""
        return self._bit(_REMOTE)

    @property
    def sinking(self) -> bool:
        """Whether current flows into the box."""
        return self._bit(_SINK)

    @property
    def regulation(self) -> str:
        """Return ``CV``, ``CR``, ``CC`` or ``CP``."""
        return ("CV", "CR", "CC", "CP")[self.word >> 9 & 0b11]

    @property
    def control_location(self) -> str:
        """Return who holds control, in words."""
        code = self.word & 0x1F
        return _LOCATIONS.get(code, f"location {code:#04x}")

    @property
    def alarms(self) -> frozenset[str]:
        """Return the names of pending alarms, with ``BY_SINK`` where the sink side caused one."""
        names = {name for bit, name in _ALARMS.items() if self._bit(bit)}
        if names and self._bit(_CAUSED_BY_SINK):
            names.add("BY_SINK")
        return frozenset(names)

    def _bit(self, number: int) -> bool:
        return bool(self.word >> number & 1)
