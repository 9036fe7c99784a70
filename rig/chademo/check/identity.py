"""Tell from the frames who talks (facts: sections 2, 5 and 10)."""

from __future__ import annotations

from dataclasses import dataclass

from rig.chademo.check.bus import Bus
from rig.chademo.frames import V0_9, Side, VehicleOption, version_name

__all__ = ["Identity", "charger_of", "vehicle_of"]

_LEAF_TARGET_V, _LEAF_LIMIT_V = 410, 435
_NEW_LEAF_FRAMES = frozenset({0x110, 0x201, 0x202})
_NISSAN = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """A best guess and what it rests on."""

    name: str
    version: str
    because: str


def vehicle_of(bus: Bus, option: VehicleOption | None) -> Identity | None:
    """Return who the vehicle seems to be, None when it does not talk."""
    if not bus.talks(Side.VEHICLE):
        return None
    vehicle, target_v = bus.vehicle, bus.vehicle.target_voltage_v
    most_v = bus.limits.max_battery_voltage_v
    because = [f"target {target_v} V, limit {most_v} V"]
    if (target_v, most_v) == (_LEAF_TARGET_V, _LEAF_LIMIT_V):
        name, why = _leaf(bus)
    elif option is not None and option.maker == _NISSAN:
        name, why = "Nissan", "maker's code 1 in 0x700"
    else:
        name, why = "vehicle of unknown make", "no known set of values"
    because.append(why)
    if bus.times.total_capacity_100wh:
        because.append(f"{bus.times.total_capacity_100wh / 10:.1f} kWh")
    return Identity(name, version_name(vehicle.protocol), ", ".join(because))


def charger_of(bus: Bus) -> Identity | None:
    """Return what the charger is, None when it does not talk."""
    if not bus.talks(Side.CHARGER):
        return None
    charger, intake = bus.charger, bus.intake
    offer = f"{bus.capability.available_voltage_v} V"
    if charger.discharge_compatible and intake.available_input_current_a:
        name, why = "V2H unit", f"takes up to {intake.available_input_current_a} A back"
    elif charger.discharge_compatible:
        name, why = "charger", "announces discharge but takes 0 A back: charging only"
    else:
        name, why = "charger", "does not discharge"
    return Identity(name, version_name(charger.protocol), f"up to {offer}, {why}")


def _leaf(bus: Bus) -> tuple[str, str]:
    if bus.seen >= _NEW_LEAF_FRAMES:
        return "Nissan Leaf 40/62 kWh (ZE1)", "0x110, 0x201 and 0x202 are sent"
    if bus.vehicle.legacy_dynamic and 0x201 not in bus.seen:
        if bus.vehicle.protocol <= V0_9:
            return "Nissan Leaf 24 kWh of 2011-12 (ZE0)", "102.5.6 set, protocol 1"
        return "Nissan Leaf 24/30 kWh (AZE0 class)", "102.5.6 set, no 0x201"
    return "Nissan Leaf or alike", "a Leaf's voltages"
