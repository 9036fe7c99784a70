"""CHAdeMO frames as typed objects (the same layout as ``chademo.dbc``)."""

from rig.chademo.frames.catalogue import CATALOGUE, CORE, RawFrame, decode
from rig.chademo.frames.charger import ChargerCapability, ChargerExtension, ChargerStatus
from rig.chademo.frames.codec import FRAME_BYTES, FieldLayout, Message, Side, layout_of
from rig.chademo.frames.discharge import (
    DischargeCapability,
    DischargeLimits,
    EvpsEstimate,
    VehicleEstimate,
)
from rig.chademo.frames.makers import ChargerOption, DiyBatteryVoltage, LeafConstant, VehicleOption
from rig.chademo.frames.meaning import (
    VEHICLE_FAULTS,
    DischargeWindow,
    charge_percent,
    discharge_window,
    has_vehicle_fault,
    in_high_current_mode,
    max_charge_time_s,
    remaining_time_s,
    requested_current_a,
)
from rig.chademo.frames.vehicle import BatteryLimits, ChargeTimes, VehicleExtension, VehicleStatus
from rig.chademo.frames.versions import V0_9, V1, V2, as_version, effective_version, version_name

__all__ = [
    "CATALOGUE",
    "CORE",
    "FRAME_BYTES",
    "V0_9",
    "V1",
    "V2",
    "VEHICLE_FAULTS",
    "BatteryLimits",
    "ChargeTimes",
    "ChargerCapability",
    "ChargerExtension",
    "ChargerOption",
    "ChargerStatus",
    "DischargeCapability",
    "DischargeLimits",
    "DischargeWindow",
    "DiyBatteryVoltage",
    "EvpsEstimate",
    "FieldLayout",
    "LeafConstant",
    "Message",
    "RawFrame",
    "Side",
    "VehicleEstimate",
    "VehicleExtension",
    "VehicleOption",
    "VehicleStatus",
    "as_version",
    "charge_percent",
    "decode",
    "discharge_window",
    "effective_version",
    "has_vehicle_fault",
    "in_high_current_mode",
    "layout_of",
    "max_charge_time_s",
    "remaining_time_s",
    "requested_current_a",
    "version_name",
]
