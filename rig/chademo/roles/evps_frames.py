"""What the EVPS says in each state (facts: sections 2.6 to 2.13 and 9.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from instruments.can_frame import CanFrame
from rig.chademo.frames import (
    ChargerCapability,
    ChargerExtension,
    ChargerStatus,
    ChargeTimes,
    DischargeCapability,
    DischargeLimits,
    EvpsEstimate,
    max_charge_time_s,
)
from rig.chademo.roles.evps_bounds import Offer, threshold_v
from rig.chademo.roles.evps_parameters import EvpsParameters
from rig.chademo.roles.mailbox import Mailbox
from rig.chademo.roles.outbox import frame_of
from rig.chademo.roles.power import Measured

__all__ = ["EvpsFault", "EvpsFrames", "EvpsShown"]

_USE_MINUTES = 255
_MOST_MINUTES = 254


class EvpsFault(StrEnum):
    """Fault bits of 109.5, named as the frame's fields."""

    MALFUNCTION = "charger_malfunction"
    INCOMPATIBLE = "battery_incompatible"
    SYSTEM = "system_malfunction"


@dataclass(frozen=True, slots=True)
class EvpsShown:
    """What of the state shows in the frames."""

    energizing: bool
    charging: bool
    stopping: bool
    faults: frozenset[EvpsFault]
    offer: Offer
    transfer_s: float | None
    """How long transfer has gone on; None outside of it."""


class EvpsFrames:
    """Makes frames from what is shown, measured and heard."""

    def __init__(self, parameters: EvpsParameters, heard: Mailbox) -> None:
        self._parameters, self._heard = parameters, heard

    @property
    def places(self) -> tuple[int, ...]:
        """Identifiers in the order they are sent, back to back."""
        found = [ChargerCapability.IDENTIFIER, ChargerStatus.IDENTIFIER]
        if self._parameters.extension:
            found.append(ChargerExtension.IDENTIFIER)
        if self._parameters.discharge:
            found += [DischargeCapability.IDENTIFIER, EvpsEstimate.IDENTIFIER]
        return tuple(found)

    def left_s(self, transfer_s: float) -> float:
        """Return the charging time left; the vehicle's limit less the time gone by."""
        return max_charge_time_s(self._heard.get(ChargeTimes)) - transfer_s

    def make(self, identifier: int, shown: EvpsShown, measured: Measured) -> CanFrame:
        """Make one frame."""
        if identifier == ChargerCapability.IDENTIFIER:
            return self._capability(shown)
        if identifier == ChargerStatus.IDENTIFIER:
            return self._status(shown, measured)
        if identifier == DischargeCapability.IDENTIFIER:
            return self._intake(shown, measured)
        if identifier == EvpsEstimate.IDENTIFIER:
            minutes = self._parameters.discharge_time_min if shown.charging else 0
            return frame_of(
                EvpsEstimate,
                sequence=self._parameters.sequence,
                remaining_discharge_time_min=minutes,
            )
        return frame_of(ChargerExtension, dynamic_control=True, permit_reset_max_time=True)

    def _capability(self, shown: EvpsShown) -> CanFrame:
        return frame_of(
            ChargerCapability,
            weld_detection_support=1,
            available_voltage_v=self._parameters.available_v,
            available_current_a=shown.offer.charge_a,
            threshold_voltage_v=threshold_v(self._heard, self._parameters),
        )

    def _status(self, shown: EvpsShown, measured: Measured) -> CanFrame:
        transfers = shown.transfer_s is not None and shown.charging and not shown.stopping
        left_s = self.left_s(shown.transfer_s or 0.0) if transfers else 0.0
        minutes = min(max(ceil(left_s / 60.0), 0), _MOST_MINUTES)
        return frame_of(
            ChargerStatus,
            protocol=self._parameters.protocol,
            voltage_v=max(round(measured.volts), 0),
            current_a=_whole(measured.amps),
            discharge_compatible=self._parameters.discharge,
            charging=shown.charging,
            energizing=shown.energizing,
            stop_control=shown.stopping or not shown.charging,
            remaining_time_10s=_USE_MINUTES if minutes else 0,
            remaining_time_min=minutes,
            **{each.value: True for each in shown.faults},
        )

    def _intake(self, shown: EvpsShown, measured: Measured) -> CanFrame:
        return frame_of(
            DischargeCapability,
            discharge_current_a=_whole(-measured.amps),
            available_input_voltage_v=self._parameters.input_v,
            available_input_current_a=shown.offer.discharge_a,
            lower_threshold_voltage_v=self._heard.get(DischargeLimits).min_discharge_voltage_v,
        )


def _whole(amps: float) -> int:
    return min(max(round(amps), 0), 255)
