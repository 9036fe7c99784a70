"""What the V2H firmware knows at one decision: sensors, the EVPS's frames, settings, vehicle."""

from __future__ import annotations

from dataclasses import dataclass

from rig.virtual.unit.ticks import TICKS_PER_S
from rig.virtual.unit.v2h.contract import PortInputs
from rig.virtual.unit.v2h.parameters import V2hParameters
from rig.virtual.unit.vehicle import VehicleData

__all__ = ["View", "take_view"]


@dataclass(frozen=True, slots=True)
class View:
    """One look at everything; volts and amps as the unit's own sensors tell them."""

    tick: int
    d1: bool
    d2: bool
    plugged: bool
    closed: bool
    inlet_v: float
    inlet_a: float
    """Positive into the vehicle."""
    pack_v: float
    others_w: float
    """What everything but the port takes from the pack."""
    insulation_ohm: float
    """As the unit's own monitor reads it."""
    mode: int
    """Holding register 6: bit 0 discharge, bit 1 charge."""
    limit_a: int
    """Holding register 7."""
    floor_percent: float
    """Holding register 10."""
    soc_percent: float
    parked: bool
    pack_gives_w: float
    pack_takes_w: float
    data_age_s: float

    @property
    def may_discharge(self) -> bool:
        """Whether the mode allows current out of the vehicle."""
        return bool(self.mode & 1)

    @property
    def may_charge(self) -> bool:
        """Whether the mode allows current into the vehicle."""
        return bool(self.mode & 2)


def take_view(
    tick: int,
    pins: PortInputs,
    settings: tuple[int, int, int],
    vehicle: VehicleData,
    insulation_ohm: float,
    parameters: V2hParameters,
) -> View:
    """Return the view on a tick; ``settings`` are holding registers 6, 7 and 10."""
    mode, limit_a, floor_percent = settings
    inlet_v = pins.inlet_v * parameters.voltage_gain
    inlet_a = pins.inlet_a * parameters.current_gain
    pack_v = pins.pack_v * parameters.voltage_gain
    return View(
        tick=tick,
        d1=pins.d1,
        d2=pins.d2,
        plugged=pins.plugged,
        closed=pins.closed,
        inlet_v=inlet_v,
        inlet_a=inlet_a,
        pack_v=pack_v,
        others_w=pack_v * (pins.pack_a + inlet_a) + vehicle.other_consumers_w,
        insulation_ohm=insulation_ohm,
        mode=mode,
        limit_a=limit_a,
        floor_percent=float(floor_percent) + parameters.floor_offset_percent,
        soc_percent=vehicle.soc_percent,
        parked=vehicle.parked,
        pack_gives_w=parameters.pack_share * min(vehicle.discharge_limit_w, parameters.dc_limit_w),
        pack_takes_w=vehicle.charge_limit_w,
        data_age_s=(tick - vehicle.changed_tick) / TICKS_PER_S,
    )
