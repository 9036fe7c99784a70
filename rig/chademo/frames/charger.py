"""What the charger or EVPS sends in every session (facts: chademo.md sections 2.6 to 2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rig.chademo.frames.codec import Message, Side, flag, number
from rig.chademo.frames.versions import V2

__all__ = ["ChargerCapability", "ChargerExtension", "ChargerStatus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerCapability(Message):
    """0x108: what the charger can give."""

    IDENTIFIER: ClassVar[int] = 0x108
    SENDER: ClassVar[Side] = Side.CHARGER

    weld_detection_support: int = number(0)
    """1 where the output falls fast enough for the vehicle's weld check."""
    available_voltage_v: int = number(1, 16)
    available_current_a: int = number(3)
    threshold_voltage_v: int = number(4, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerStatus(Message):
    """0x109: what the charger measures and how it fares."""

    IDENTIFIER: ClassVar[int] = 0x109
    SENDER: ClassVar[Side] = Side.CHARGER

    protocol: int = number(0)
    voltage_v: int = number(1, 16)
    current_a: int = number(3)
    """Into the vehicle; 0 while discharging."""
    discharge_compatible: bool = flag(4, 0)
    charging: bool = flag(5, 0)
    """Transfer is controlled, in either direction."""
    charger_malfunction: bool = flag(5, 1)
    energizing: bool = flag(5, 2)
    """In 1.0 the connector's lock."""
    battery_incompatible: bool = flag(5, 3)
    system_malfunction: bool = flag(5, 4)
    stop_control: bool = flag(5, 5)
    remaining_time_10s: int = number(6)
    """255 where the minutes count."""
    remaining_time_min: int = number(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerExtension(Message):
    """0x118: the answer to the extended functions of 2.0."""

    IDENTIFIER: ClassVar[int] = 0x118
    SENDER: ClassVar[Side] = Side.CHARGER

    dynamic_control: bool = flag(0, 0, since=V2)
    high_current_control: bool = flag(0, 1, since=V2)
    high_voltage_control: bool = flag(0, 2, since=V2)
    permit_reset_max_time: bool = flag(6, 0, since=V2)
