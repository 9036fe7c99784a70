"""The DC side: an emulator that is the pack, and what the unit takes from it."""

from __future__ import annotations

from collections.abc import Callable
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
_STEPS, _HALVINGS = 64, 30


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


def operating_point(
    setting: SupplySetting, demand_w: Callable[[float], float], fed_a: float = 0.0
) -> DcPoint:
    """Return where a supply and a unit that takes ``demand_w(volts)`` meet.

    ``fed_a`` comes from elsewhere. A unit takes the same power at any voltage that its output
    needs: beyond a limit of the supply the voltage falls until the output sinks with it and both
    agree; where they never do, to 0.
    """
    if not setting.on or setting.voltage_v < _LOWEST_V:
        return DcPoint()
    volts = setting.voltage_v
    wanted_a = demand_w(volts) / volts - fed_a
    if wanted_a <= _limit_a(setting, volts):
        return DcPoint(volts, wanted_a, volts * wanted_a)
    volts = _sagged_v(setting, demand_w, fed_a)
    amps = _limit_a(setting, volts)
    kind: Literal["CC", "CP"] = "CC" if amps == setting.source_current_a else "CP"
    return DcPoint(volts, amps, volts * amps, kind)


def _limit_a(setting: SupplySetting, volts: float) -> float:
    """Return the most current that a supply gives at a voltage."""
    if volts * setting.source_current_a <= setting.source_power_w:
        return setting.source_current_a
    return setting.source_power_w / volts


def _sagged_v(setting: SupplySetting, demand_w: Callable[[float], float], fed_a: float) -> float:
    """Return the highest voltage below the set one at which supply and unit agree; 0: none."""

    def enough(volts: float) -> bool:
        return volts * (_limit_a(setting, volts) + fed_a) >= demand_w(volts)

    high = setting.voltage_v
    for n in range(_STEPS - 1, 0, -1):
        low = setting.voltage_v * n / _STEPS
        if enough(low):
            break
        high = low
    else:
        return 0.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if enough(middle) else (low, middle)
    return low
