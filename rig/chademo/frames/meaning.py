"""Values that more than one field, or more than one frame, make up."""

from __future__ import annotations

from dataclasses import dataclass

from rig.chademo.frames.charger import ChargerExtension, ChargerStatus
from rig.chademo.frames.discharge import DischargeLimits, VehicleEstimate
from rig.chademo.frames.vehicle import BatteryLimits, ChargeTimes, VehicleExtension, VehicleStatus

__all__ = [
    "VEHICLE_FAULTS",
    "DischargeWindow",
    "charge_percent",
    "discharge_window",
    "has_vehicle_fault",
    "in_high_current_mode",
    "max_charge_time_s",
    "remaining_time_s",
    "requested_current_a",
]

_USE_MINUTES = 0xFF
_HIGH_CURRENT = 0xFF

VEHICLE_FAULTS = {
    "fault_over_voltage": "battery over-voltage",
    "fault_under_voltage": "battery under-voltage",
    "fault_current_deviation": "current deviation",
    "fault_over_temperature": "battery over-temperature",
    "fault_voltage_deviation": "voltage deviation",
    "system_fault": "charging system fault",
}
"""Fields of ``VehicleStatus`` on which the charger stops (facts: section 4.1)."""


@dataclass(frozen=True, slots=True)
class DischargeWindow:
    """State of charge below which only discharge, above which only charge, is forbidden."""

    floor_percent: int | None
    ceiling_percent: int | None


def has_vehicle_fault(status: VehicleStatus) -> bool:
    """Say whether 102.4 or 102.5.2 shows a fault."""
    return any(getattr(status, name) for name in VEHICLE_FAULTS)


def charge_percent(status: VehicleStatus, limits: BatteryLimits) -> float | None:
    """Return the state of charge (102.6 over 100.6), None before the reference is sent.

    Final only once charging is enabled (facts: section 2.1).
    """
    reference = limits.charge_rate_reference
    return 100.0 * status.charge_rate / reference if reference else None


def max_charge_time_s(times: ChargeTimes) -> int:
    """Return the longest charge the vehicle allows (101.1, else 101.2)."""
    return _time_s(times.max_charge_time_10s, times.max_charge_time_min)


def remaining_time_s(status: ChargerStatus) -> int:
    """Return the charging time left (109.6, else 109.7)."""
    return _time_s(status.remaining_time_10s, status.remaining_time_min)


def requested_current_a(
    status: VehicleStatus, vehicle: VehicleExtension, charger: ChargerExtension
) -> int:
    """Return the charge current asked for, in high-current mode that of 110.1-2."""
    if in_high_current_mode(status, vehicle, charger):
        return vehicle.extended_current_request_a
    return status.current_request_a


def in_high_current_mode(
    status: VehicleStatus, vehicle: VehicleExtension, charger: ChargerExtension
) -> bool:
    """Say whether 102.3 only refers to 110.1-2 (2.0; facts: sections 2.3 and 2.5)."""
    both = vehicle.high_current_control and charger.high_current_control
    return both and status.current_request_a == _HIGH_CURRENT


def discharge_window(
    limits: DischargeLimits, times: ChargeTimes, estimate: VehicleEstimate | None
) -> DischargeWindow:
    """Return the levels of 200.6-7 in per cent (facts: section 2.9, unit rule).

    Vehicles up to guideline 1.0, which send no sequence number or 0, state energy; without a
    capacity it says nothing.
    """
    in_percent = estimate is not None and estimate.sequence > 0
    capacity = 100 if in_percent else times.total_capacity_100wh
    return DischargeWindow(
        _level(limits.min_discharge_level, capacity), _level(limits.max_charge_level, capacity)
    )


def _level(raw: int, capacity: int) -> int | None:
    return raw * 100 // capacity if raw and capacity else None


def _time_s(tens: int, minutes: int) -> int:
    return 60 * minutes if tens == _USE_MINUTES else 10 * tens
