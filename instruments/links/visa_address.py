"""What a VISA resource string says: which kind of conversation, on which wire."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

from pyvisa.rname import ASRLInstr, InvalidResourceName, ResourceName, TCPIPInstr, TCPIPSocket

from instruments.errors import UsageError

__all__ = ["VisaAddress", "parse_resource"]

_HISLIP_PORT, _PORTMAPPER_PORT = "4880", "111"
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class VisaAddress:
    """One resource string, taken apart."""

    resource: str
    kind: Literal["socket", "serial", "hislip", "vxi11", "other"]
    wire: str
    """What wires are named by: ``host:port``, the serial port, else the resource itself."""

    @property
    def is_tcp(self) -> bool:
        """Whether it is opened by connecting."""
        return self.kind in ("socket", "hislip", "vxi11")


def parse_resource(resource: str) -> VisaAddress:
    """Take a resource string apart; raises ``UsageError`` when it is none.

    >>> parse_resource("TCPIP0::10.0.0.7,1024::inst0::INSTR").wire
    '10.0.0.7:1024'
    """
    try:
        parsed = ResourceName.from_string(resource)
    except InvalidResourceName as error:
        raise UsageError(
            f"VISA resource {resource!r}: expected a form such as 'TCPIP::10.0.0.5::5025::SOCKET' "
            f"(an IPv4 address or a host name) or 'ASRL/dev/ttyUSB0::INSTR'"
        ) from error
    if isinstance(parsed, TCPIPSocket):
        return VisaAddress(resource, "socket", _place(resource, parsed.host_address, parsed.port))
    if isinstance(parsed, TCPIPInstr):
        return _lan_instrument(resource, parsed)
    if isinstance(parsed, ASRLInstr):
        return VisaAddress(resource, "serial", _serial_port(parsed.board))
    return VisaAddress(resource, "other", resource)


def _lan_instrument(resource: str, parsed: TCPIPInstr) -> VisaAddress:
    """Return HiSLIP or VXI-11; a port may follow the device name or the host, after a comma."""
    host, _, core_port = parsed.host_address.partition(",")
    device, _, port = parsed.lan_device_name.partition(",")
    if device.lower().startswith("hislip"):
        return VisaAddress(resource, "hislip", _place(resource, host, port or _HISLIP_PORT))
    return VisaAddress(resource, "vxi11", _place(resource, host, core_port or _PORTMAPPER_PORT))


def _place(resource: str, host: str, port: str) -> str:
    if not port.isdecimal() or not 1 <= int(port) <= _LAST_PORT:
        raise UsageError(f"VISA resource {resource!r}: expected a port 1 to 65535, got {port!r}")
    return f"{host}:{port}"


def _serial_port(board: str) -> str:
    return f"COM{board}" if sys.platform == "win32" else board
