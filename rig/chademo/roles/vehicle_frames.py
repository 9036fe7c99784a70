"""What the vehicle says in each state (facts: sections 2.1 to 2.10 and 9.1)."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.can_frame import CanFrame
from rig.chademo.frames import (
    V1,
    BatteryLimits,
    ChargerStatus,
    ChargeTimes,
    DischargeLimits,
    VehicleEstimate,
    VehicleStatus,
)
from rig.chademo.roles.mailbox import Mailbox
from rig.chademo.roles.outbox import frame_of
from rig.chademo.roles.vehicle_parameters import VehicleParameters

__all__ = ["VehicleFrames", "VehicleShown"]

_USE_MINUTES = 255
_FIRST_REFERENCE, _REFERENCE, _OLD_REFERENCE = 240, 100, 255


@dataclass(frozen=True, slots=True)
class VehicleShown:
    """What of the state shows in the frames."""

    enabled: bool
    closed: bool
    """Closed, or the weld check not done yet."""
    request_a: int
    discharge_a: int
    charge_percent: int
    settled: bool
    """Parameters are final."""
    not_in_park: bool
    stop_before_charge: bool
    faults: frozenset[str]
    """Fields of ``VehicleStatus``."""


class VehicleFrames:
    """Makes frames from what is shown and heard."""

    def __init__(self, parameters: VehicleParameters, heard: Mailbox) -> None:
        self._parameters, self._heard = parameters, heard

    @property
    def places(self) -> tuple[int, ...]:
        """Identifiers in the order they are sent."""
        found = [BatteryLimits.IDENTIFIER, ChargeTimes.IDENTIFIER, VehicleStatus.IDENTIFIER]
        if self._parameters.discharge:
            found.append(DischargeLimits.IDENTIFIER)
            if self._parameters.estimate:
                found.append(VehicleEstimate.IDENTIFIER)
        return tuple(found)

    def make(self, identifier: int, shown: VehicleShown) -> CanFrame:
        """Make one frame."""
        parameters = self._parameters
        if identifier == VehicleStatus.IDENTIFIER:
            return self._status(shown)
        if identifier == BatteryLimits.IDENTIFIER:
            return frame_of(
                BatteryLimits,
                min_charge_current_a=parameters.min_charge_a,
                min_battery_voltage_v=parameters.min_v,
                max_battery_voltage_v=parameters.max_v,
                charge_rate_reference=self._reference(shown),
            )
        if identifier == ChargeTimes.IDENTIFIER:
            return frame_of(
                ChargeTimes,
                max_charge_time_10s=_USE_MINUTES if shown.settled else 0,
                max_charge_time_min=parameters.max_time_min if shown.settled else 0,
                total_capacity_100wh=parameters.capacity_100wh if shown.settled else 0,
            )
        if identifier == DischargeLimits.IDENTIFIER:
            return self._discharge(shown)
        return frame_of(VehicleEstimate, sequence=parameters.sequence)

    def _status(self, shown: VehicleShown) -> CanFrame:
        return frame_of(
            VehicleStatus,
            protocol=self._parameters.protocol,
            target_voltage_v=self._parameters.target_v,
            current_request_a=shown.request_a,
            enabled=shown.enabled,
            not_in_park=shown.not_in_park,
            contactor_open=self._knows_contactor and not shown.closed,
            stop_before_charge=shown.stop_before_charge,
            legacy_dynamic=self._parameters.legacy_dynamic,
            discharge_compatible=self._parameters.discharge,
            charge_rate=shown.charge_percent,
            **dict.fromkeys(sorted(shown.faults), True),
        )

    def _discharge(self, shown: VehicleShown) -> CanFrame:
        return frame_of(
            DischargeLimits,
            max_discharge_current_a=shown.discharge_a,
            min_discharge_voltage_v=self._parameters.min_discharge_v,
            min_discharge_level=self._parameters.min_level if shown.settled else 255,
            max_charge_level=self._parameters.max_level if shown.settled else 255,
        )

    def _reference(self, shown: VehicleShown) -> int:
        if not shown.settled:
            return _FIRST_REFERENCE
        return _REFERENCE if self._heard.get(ChargerStatus).protocol >= V1 else _OLD_REFERENCE

    @property
    def _knows_contactor(self) -> bool:
        """Whether 102.5.3 is used: both sides are 1.0 or later (section 2.3)."""
        charger = self._heard.get(ChargerStatus).protocol if self._heard.has(ChargerStatus) else V1
        return min(self._parameters.protocol, charger) >= V1
