"""The DC side: an emulator that is the pack, and what the unit takes from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rig.virtual.ports import SupplyReading, SupplySetting

__all__ = ["OFF", "DcPoint", "operating_point"]

OFF = SupplySetting(
    on=False,
    voltage_v=0.0,
    source_current_a=0.0,
    source_power_w=0.0,
    sink_current_a=0.0,
    sink_power_w=0.0,
)
_LOWEST_V = 1.0


@dataclass(frozen=True, slots=True)
class DcPoint:
    """Volts, amps and watts at the pack's terminals, positive out of the pack."""

    voltage_v: float = 0.0
    current_a: float = 0.0
    power_w: float = 0.0
    regulation: Literal["CV", "CC", "CP"] = "CV"

    def reading(self) -> SupplyReading:
        """Return the point as the supply sees it."""
        return SupplyReading(self.voltage_v, self.current_a, self.power_w, self.regulation)


def operating_point(setting: SupplySetting, demand_w: float, fed_a: float = 0.0) -> DcPoint:
    """Return where a supply and a unit that wants ``demand_w`` meet, ``fed_a`` from elsewhere.

    The unit takes constant power; beyond a limit of the supply no stable point exists, so the
    voltage sags by the share that is missing while the current stands at the limit.
    """
    if not setting.on or setting.voltage_v < _LOWEST_V:
        return DcPoint()
    wanted_a = demand_w / setting.voltage_v - fed_a
    by_power_a = setting.source_power_w / setting.voltage_v
    limit_a = min(setting.source_current_a, by_power_a)
    if wanted_a <= limit_a:
        return DcPoint(setting.voltage_v, wanted_a, setting.voltage_v * wanted_a)
    voltage_v = setting.voltage_v * limit_a / wanted_a
    kind: Literal["CC", "CP"] = "CC" if setting.source_current_a <= by_power_a else "CP"
    return DcPoint(voltage_v, limit_a, voltage_v * limit_a, kind)
