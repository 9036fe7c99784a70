"""The latest content of every frame of a session."""

from __future__ import annotations

from rig.chademo.frames import (
    BatteryLimits,
    ChargerCapability,
    ChargerExtension,
    ChargerStatus,
    ChargeTimes,
    DischargeCapability,
    DischargeLimits,
    EvpsEstimate,
    Message,
    Side,
    VehicleEstimate,
    VehicleExtension,
    VehicleStatus,
    charge_percent,
    effective_version,
    in_high_current_mode,
    requested_current_a,
)

__all__ = ["Bus"]

_ATTRIBUTES = {
    BatteryLimits.IDENTIFIER: "limits",
    ChargeTimes.IDENTIFIER: "times",
    VehicleStatus.IDENTIFIER: "vehicle",
    VehicleExtension.IDENTIFIER: "vehicle_extension",
    DischargeLimits.IDENTIFIER: "discharge",
    VehicleEstimate.IDENTIFIER: "vehicle_estimate",
    ChargerCapability.IDENTIFIER: "capability",
    ChargerStatus.IDENTIFIER: "charger",
    ChargerExtension.IDENTIFIER: "charger_extension",
    DischargeCapability.IDENTIFIER: "intake",
    EvpsEstimate.IDENTIFIER: "evps_estimate",
}


class Bus:
    """What both sides said last; a frame not seen yet is at rest."""

    def __init__(self) -> None:
        self.t_s = 0.0
        self.gap_s = 0.0
        """Time since the frame before of the same kind, 0 for the first."""
        self.seen: set[int] = set()
        self.status_s: float | None = None
        """When 0x109 was last heard, whatever it said."""
        self.limits = BatteryLimits()
        self.times = ChargeTimes()
        self.vehicle = VehicleStatus(contactor_open=True)
        self.vehicle_extension = VehicleExtension()
        self.discharge = DischargeLimits()
        self.vehicle_estimate: VehicleEstimate | None = None
        self.capability = ChargerCapability()
        self.charger = ChargerStatus(stop_control=True)
        self.charger_extension = ChargerExtension()
        self.intake = DischargeCapability()
        self.evps_estimate: EvpsEstimate | None = None

    def take(self, message: Message) -> None:
        """Keep a message as the latest of its kind."""
        self.seen.add(message.IDENTIFIER)
        name = _ATTRIBUTES.get(message.IDENTIFIER)
        if name is not None:
            setattr(self, name, message)

    def talks(self, side: Side) -> bool:
        """Say whether a side's status frame has been seen."""
        status = VehicleStatus if side is Side.VEHICLE else ChargerStatus
        return status.IDENTIFIER in self.seen

    @property
    def version(self) -> int | None:
        """The protocol number both keep to, None until both have sent theirs."""
        if self.talks(Side.VEHICLE) and self.talks(Side.CHARGER):
            return effective_version(self.vehicle.protocol, self.charger.protocol)
        return None

    @property
    def request_a(self) -> int:
        """The charge current the vehicle asks for."""
        return requested_current_a(self.vehicle, self.vehicle_extension, self.charger_extension)

    @property
    def high_current(self) -> bool:
        """Whether the request is the extended one, which 108.3 and 109.3 are too narrow for."""
        return in_high_current_mode(self.vehicle, self.vehicle_extension, self.charger_extension)

    @property
    def current_a(self) -> int:
        """The measured current, positive into the vehicle."""
        return self.charger.current_a - self.intake.discharge_current_a

    @property
    def discharge_limit_a(self) -> int:
        """The current the vehicle gives at most."""
        return self.discharge.max_discharge_current_a

    @property
    def charge_percent(self) -> float | None:
        """The state of charge."""
        return charge_percent(self.vehicle, self.limits)

    @property
    def can_discharge(self) -> bool:
        """Whether both sides announce discharge."""
        return self.vehicle.discharge_compatible and self.charger.discharge_compatible
