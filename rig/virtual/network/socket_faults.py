"""What a socket's own sensors are exposed to: lid switch, water sensor, earth conductor."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rig.virtual.network.poles import Flags
from rig.virtual.unit.contract import SOCKETS

__all__ = ["SocketFaults", "socket_faults"]

_NONE: Flags = (False, False, False)


@dataclass(frozen=True, slots=True)
class SocketFaults:
    """By socket A, B, C."""

    lid_open: Flags = _NONE
    wet: Flags = _NONE
    pe_lost: Flags = _NONE


def socket_faults(inserted: AbstractSet[str]) -> SocketFaults:
    """Return what the inserted networks do to the sensors."""
    if not inserted:
        return SocketFaults()
    return SocketFaults(
        _where(inserted, "lid"), _where(inserted, "wet"), _where(inserted, "pe_break")
    )


def _where(inserted: AbstractSet[str], kind: str) -> Flags:
    a, b, c = (f"{kind}_{socket.lower()}" in inserted for socket in SOCKETS)
    return a, b, c
