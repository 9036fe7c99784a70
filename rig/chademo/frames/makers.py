"""Frames of makers' own (facts: chademo.md sections 2.4, 2.11 and 2.14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rig.chademo.frames.codec import Message, Side, number

__all__ = ["ChargerOption", "DiyBatteryVoltage", "LeafConstant", "VehicleOption"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiyBatteryVoltage(Message):
    """0x103: an addition of one conversion controller, no part of CHAdeMO; never to be sent."""

    IDENTIFIER: ClassVar[int] = 0x103
    SENDER: ClassVar[Side] = Side.VEHICLE

    battery_voltage_v: int = number(0, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafConstant(Message):
    """0x202: sent by the newer Leafs, always the same; all its bits are spare."""

    IDENTIFIER: ClassVar[int] = 0x202
    SENDER: ClassVar[Side] = Side.VEHICLE


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleOption(Message):
    """0x700: the vehicle maker's code; the other seven bytes are the maker's own, kept spare."""

    IDENTIFIER: ClassVar[int] = 0x700
    SENDER: ClassVar[Side] = Side.VEHICLE

    maker: int = number(0)
    """0 not compatible, 1 Nissan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerOption(Message):
    """0x708: the charger's answer to the maker's code."""

    IDENTIFIER: ClassVar[int] = 0x708
    SENDER: ClassVar[Side] = Side.CHARGER

    maker: int = number(0)
