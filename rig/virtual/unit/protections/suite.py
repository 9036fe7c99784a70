"""The protections of one unit, by name; a defect may replace any of them."""

from __future__ import annotations

from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.parameters import OutletParameters, Parameters
from rig.virtual.unit.protections.ac_window import AcFrequency, AcVoltage
from rig.virtual.unit.protections.backfeed import DeadSocketVoltage, ReversePower
from rig.virtual.unit.protections.base import Protection
from rig.virtual.unit.protections.brown_out import BrownOut
from rig.virtual.unit.protections.dc_window import DcVoltage
from rig.virtual.unit.protections.derating import Derating
from rig.virtual.unit.protections.insulation import InsulationMonitor
from rig.virtual.unit.protections.inverter_overload import InverterOverload
from rig.virtual.unit.protections.outlet_inputs import lid, protective_earth, wet
from rig.virtual.unit.protections.over_temperature import OverTemperature
from rig.virtual.unit.protections.pack_limit import PackLimit, Relief
from rig.virtual.unit.protections.power_limit import PowerLimit
from rig.virtual.unit.protections.power_warning import PowerWarning
from rig.virtual.unit.protections.residual import ResidualCurrent
from rig.virtual.unit.protections.soc_floor import SocFloor
from rig.virtual.unit.protections.socket_overload import SocketOverload
from rig.virtual.unit.protections.vehicle_data import VehicleDataAge
from rig.virtual.unit.protections.weld import Weld
from rig.virtual.unit.trips import TripCode

__all__ = ["build_protections"]

_BOOT = 3


def build_protections(
    parameters: Parameters, memory: NonVolatile, relief: Relief | None = None
) -> dict[str, Protection]:
    """Return every protection; those that decide on one tick act in this order."""
    ac, dc = parameters.ac_window, parameters.dc_window
    watched = {
        f"{name}_{'abc'[n]}": protection
        for n, outlet in enumerate(parameters.outlets)
        for name, protection in _outlet(parameters, outlet, n + 1).items()
    }
    return {
        "vehicle_data": VehicleDataAge(
            parameters.vehicle_stale_s, forgives_start=parameters.vehicle_forgives_start
        ),
        "brown_out": BrownOut(parameters.supply.brown_out),
        "dc_over_voltage": DcVoltage("over", dc),
        "dc_under_voltage": DcVoltage("under", dc),
        "ac_over_voltage": AcVoltage("over", ac.over_slow, ac.over_fast),
        "ac_under_voltage": AcVoltage("under", ac.under_slow, ac.under_fast),
        "ac_frequency": AcFrequency(ac),
        **watched,
        "inverter_overload": InverterOverload(parameters),
        "socket_overload_a": SocketOverload(parameters, 1),
        "socket_overload_b": SocketOverload(parameters, 2),
        "socket_overload_c": SocketOverload(parameters, 3),
        "residual_a": ResidualCurrent(parameters, 1),
        "residual_b": ResidualCurrent(parameters, 2),
        "residual_c": ResidualCurrent(parameters, 3),
        "insulation_dc": InsulationMonitor(TripCode.INSULATION_DC, parameters.pack_insulation),
        "insulation_ac": InsulationMonitor(TripCode.INSULATION_AC, parameters.output_insulation),
        "soc_floor": SocFloor(parameters.soc, memory),
        "over_temperature": OverTemperature(parameters.heat, memory),
        "derating": Derating(parameters.heat),
        "pack_limit": PackLimit(parameters.pack_limit, relief),
        "power_limit": PowerLimit(parameters),
        "power_warning": PowerWarning(parameters.power_limit),
    }


def _outlet(parameters: Parameters, outlet: OutletParameters, socket: int) -> dict[str, Protection]:
    """Return what watches one outlet; the one in the boot has no lid and gets no rain."""
    rating_w = parameters.socket_rating_a * parameters.inverter.voltage_v
    outside = {"lid": lid(outlet, socket), "wet": wet(outlet, socket)} if socket != _BOOT else {}
    return {
        **outside,
        "protective_earth": protective_earth(outlet, socket),
        "weld": Weld(outlet, socket),
        "dead_socket_voltage": DeadSocketVoltage(outlet, socket),
        "reverse_power": ReversePower(outlet.reverse_power, rating_w, socket),
    }
