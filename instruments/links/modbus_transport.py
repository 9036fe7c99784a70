"""The three wires that Modbus runs on here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ModbusTcp", "RtuOverTcp", "RtuSerial", "Transport"]


@dataclass(frozen=True, slots=True)
class RtuOverTcp:
    """RTU frames with their CRC over a TCP connection (EA supplies, serial device servers)."""

    host: str
    port: int
    device_server: bool = False
    """Whether a serial line lies behind it, on which answers outlive the connection."""

    @property
    def address(self) -> str:
        """What wires are named by."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ModbusTcp:
    """Modbus TCP with its MBAP header."""

    host: str
    port: int = 502

    @property
    def address(self) -> str:
        """What wires are named by."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class RtuSerial:
    """RTU on a serial line; eight data bits."""

    port: str
    baud_rate: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: int = 1
    lead: bytes = b""
    """Sent whenever the line is opened: ends what a box may have half heard."""

    @property
    def address(self) -> str:
        """What wires are named by."""
        return self.port

    @property
    def silence_s(self) -> float:
        """What tells two frames apart: 3.5 characters of 11 bits, 1.75 ms at least.

        Modbus over Serial Line V1.02, section 2.5.1.1.
        """
        return max(3.5 * 11 / self.baud_rate, 0.00175)


Transport = RtuOverTcp | ModbusTcp | RtuSerial
