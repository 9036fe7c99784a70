"""What the vehicle sends in every session (facts: chademo.md sections 2.1 to 2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rig.chademo.frames.codec import Message, Side, flag, number
from rig.chademo.frames.versions import V1, V2

__all__ = ["BatteryLimits", "ChargeTimes", "VehicleExtension", "VehicleStatus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryLimits(Message):
    """0x100: within which limits the battery takes charge."""

    IDENTIFIER: ClassVar[int] = 0x100
    SENDER: ClassVar[Side] = Side.VEHICLE

    min_charge_current_a: int = number(0, since=V1)
    min_battery_voltage_v: int = number(2, 16, since=V1)
    """0 where the vehicle does not use it."""
    max_battery_voltage_v: int = number(4, 16)
    charge_rate_reference: int = number(6)
    """What ``VehicleStatus.charge_rate`` is a part of; final once charging is enabled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeTimes(Message):
    """0x101: how long the charge may and will take, and how much the battery holds."""

    IDENTIFIER: ClassVar[int] = 0x101
    SENDER: ClassVar[Side] = Side.VEHICLE

    max_charge_time_10s: int = number(1)
    """255 where the minutes count."""
    max_charge_time_min: int = number(2)
    estimated_charge_time_min: int = number(3, since=V1)
    total_capacity_100wh: int = number(5, 16, since=V1)


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleStatus(Message):
    """0x102: what the vehicle asks for and how it fares."""

    IDENTIFIER: ClassVar[int] = 0x102
    SENDER: ClassVar[Side] = Side.VEHICLE

    protocol: int = number(0)
    target_voltage_v: int = number(1, 16)
    current_request_a: int = number(3)
    """255 in high-current mode, where ``VehicleExtension`` has the request."""
    fault_over_voltage: bool = flag(4, 0)
    fault_under_voltage: bool = flag(4, 1)
    fault_current_deviation: bool = flag(4, 2)
    fault_over_temperature: bool = flag(4, 3)
    fault_voltage_deviation: bool = flag(4, 4)
    enabled: bool = flag(5, 0)
    not_in_park: bool = flag(5, 1)
    system_fault: bool = flag(5, 2)
    contactor_open: bool = flag(5, 3, since=V1)
    """Open, and the weld check done."""
    stop_before_charge: bool = flag(5, 4)
    """Counts until the first request only."""
    legacy_dynamic: bool = flag(5, 6)
    """Not documented; set by the older Leafs."""
    discharge_compatible: bool = flag(5, 7)
    charge_rate: int = number(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleExtension(Message):
    """0x110: the extended functions of 2.0."""

    IDENTIFIER: ClassVar[int] = 0x110
    SENDER: ClassVar[Side] = Side.VEHICLE

    dynamic_control: bool = flag(0, 0, since=V2)
    high_current_control: bool = flag(0, 1, since=V2)
    high_voltage_control: bool = flag(0, 2, since=V2)
    extended_current_request_a: int = number(1, 16, since=V2)
