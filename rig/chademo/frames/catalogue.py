"""Every frame there is, by identifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rig.chademo.frames.charger import ChargerCapability, ChargerExtension, ChargerStatus
from rig.chademo.frames.codec import FRAME_BYTES, Message
from rig.chademo.frames.discharge import (
    DischargeCapability,
    DischargeLimits,
    EvpsEstimate,
    VehicleEstimate,
)
from rig.chademo.frames.makers import ChargerOption, DiyBatteryVoltage, LeafConstant, VehicleOption
from rig.chademo.frames.vehicle import BatteryLimits, ChargeTimes, VehicleExtension, VehicleStatus

__all__ = ["CATALOGUE", "CORE", "RawFrame", "decode"]

_KINDS: tuple[type[Message], ...] = (
    BatteryLimits,
    ChargeTimes,
    VehicleStatus,
    DiyBatteryVoltage,
    VehicleExtension,
    DischargeLimits,
    VehicleEstimate,
    LeafConstant,
    VehicleOption,
    ChargerCapability,
    ChargerStatus,
    ChargerExtension,
    DischargeCapability,
    EvpsEstimate,
    ChargerOption,
)

CATALOGUE: Mapping[int, type[Message]] = {kind.IDENTIFIER: kind for kind in _KINDS}

CORE = frozenset(
    kind.IDENTIFIER
    for kind in (BatteryLimits, ChargeTimes, VehicleStatus, ChargerCapability, ChargerStatus)
)
"""What every session has, in every version."""


@dataclass(frozen=True, slots=True)
class RawFrame:
    """A frame of no known identifier, or of another length than eight bytes."""

    identifier: int
    data: bytes

    def encode(self) -> bytes:
        """Return the bytes."""
        return self.data


def decode(identifier: int, data: bytes) -> Message | RawFrame:
    """Read any frame with an 11-bit identifier; nothing that was on a bus is refused."""
    kind = CATALOGUE.get(identifier)
    if kind is None or len(data) != FRAME_BYTES:
        return RawFrame(identifier, data)
    return kind.decode(data)
