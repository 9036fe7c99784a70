"""Values over the time of a session, kept in bounded memory, and the energy that flowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rig.chademo.check.bus import Bus
from rig.chademo.check.case import Case, Rule
from rig.chademo.frames import Message

__all__ = ["FLAGS", "VALUES", "StepTrace", "Traces"]

_MOST_POINTS = 20_000
_JOULES_PER_WH = 3600.0

VALUES: Mapping[str, Callable[[Bus], float]] = {
    "output_v": lambda bus: bus.charger.voltage_v,
    "target_v": lambda bus: bus.vehicle.target_voltage_v,
    "threshold_v": lambda bus: bus.capability.threshold_voltage_v,
    "current_a": lambda bus: bus.current_a,
    "request_a": lambda bus: bus.request_a,
    "available_a": lambda bus: bus.capability.available_current_a,
    "discharge_limit_a": lambda bus: -bus.discharge_limit_a,
    "charge_percent": lambda bus: bus.charge_percent or 0.0,
}
FLAGS: Mapping[str, Callable[[Bus], float]] = {
    "102.5.0 enabled": lambda bus: bus.vehicle.enabled,
    "102.5.3 contactor closed": lambda bus: not bus.vehicle.contactor_open,
    "109.5.2 locked, energizing": lambda bus: bus.charger.energizing,
    "109.5.0 transfer": lambda bus: bus.charger.charging,
    "109.5.5 stop": lambda bus: bus.charger.stop_control,
}


class StepTrace:
    """A value that holds until it changes; a long one is thinned, its extremes stay."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []

    def take(self, t_s: float, value: float) -> None:
        """Note the value at ``t_s``."""
        if self.points and self.points[-1][1] == value:
            return
        self.points.append((t_s, value))
        if len(self.points) > _MOST_POINTS:
            self._thin()

    def _thin(self) -> None:
        kept: list[tuple[float, float]] = []
        for start in range(0, len(self.points), 4):
            few = self.points[start : start + 4]
            extremes = {min(few, key=_value), max(few, key=_value)}
            kept.extend(sorted(extremes))
        self.points = kept


def _value(point: tuple[float, float]) -> float:
    return point[1]


class Traces(Rule):
    """Follows what the plot and the summary show."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.of = {name: StepTrace() for name in (*VALUES, *FLAGS)}
        self.charged_wh = 0.0
        self.discharged_wh = 0.0
        self.most_charge_a = 0
        self.most_discharge_a = 0
        self._read = {**VALUES, **FLAGS}
        self._since_s = 0.0
        self._power_w = 0

    def changed(self, new: Message, old: Message | None) -> None:
        """Note all values; add up the energy until now."""
        bus = self.case.bus
        self._integrate(bus)
        for name, read in self._read.items():
            self.of[name].take(bus.t_s, read(bus))
        self.most_charge_a = max(self.most_charge_a, bus.charger.current_a)
        self.most_discharge_a = max(self.most_discharge_a, bus.intake.discharge_current_a)

    def finished(self) -> None:
        """Add up the rest."""
        self._integrate(self.case.bus)

    def _integrate(self, bus: Bus) -> None:
        energy_wh = self._power_w * (bus.t_s - self._since_s) / _JOULES_PER_WH
        if energy_wh > 0:
            self.charged_wh += energy_wh
        else:
            self.discharged_wh -= energy_wh
        self._since_s = bus.t_s
        self._power_w = bus.charger.voltage_v * bus.current_a
