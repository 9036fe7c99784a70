"""What both sides add where the vehicle can be discharged (facts: sections 2.9 to 2.13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rig.chademo.frames.codec import Message, Side, number

__all__ = ["DischargeCapability", "DischargeLimits", "EvpsEstimate", "VehicleEstimate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeLimits(Message):
    """0x200: within which limits the battery may be discharged."""

    IDENTIFIER: ClassVar[int] = 0x200
    SENDER: ClassVar[Side] = Side.VEHICLE

    max_discharge_current_a: int = number(0, inverted=True)
    min_discharge_voltage_v: int = number(4, 16)
    min_discharge_level: int = number(6)
    """In 0.1 kWh or per cent, see ``discharge_window``; 0 where it is not used."""
    max_charge_level: int = number(7)
    """In the same unit; 0 where it is not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleEstimate(Message):
    """0x201: how long and how much the vehicle can give; not sent before V2H guideline 1.1."""

    IDENTIFIER: ClassVar[int] = 0x201
    SENDER: ClassVar[Side] = Side.VEHICLE

    sequence: int = number(0)
    """V2H sequence control number: 0 up to guideline 1.0, 1 and 2 the appendices of 2.0."""
    discharge_time_min: int = number(1, 16)
    available_energy_100wh: int = number(3, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeCapability(Message):
    """0x208: what the EVPS takes, and can take."""

    IDENTIFIER: ClassVar[int] = 0x208
    SENDER: ClassVar[Side] = Side.CHARGER

    discharge_current_a: int = number(0, inverted=True)
    available_input_voltage_v: int = number(1, 16)
    available_input_current_a: int = number(3, inverted=True)
    lower_threshold_voltage_v: int = number(6, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvpsEstimate(Message):
    """0x209: how long the EVPS expects to go on."""

    IDENTIFIER: ClassVar[int] = 0x209
    SENDER: ClassVar[Side] = Side.CHARGER

    sequence: int = number(0)
    remaining_discharge_time_min: int = number(1, 16)
