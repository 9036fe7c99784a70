"""The heat sink: one time constant, integrated exactly while the losses stand; and its sensor."""

from __future__ import annotations

from collections.abc import Mapping, Set
from math import exp, log

from rig.virtual.network.plant import Plant

__all__ = ["SENSOR_LADDER_C", "HeatSink", "sensor_c"]

SENSOR_LADDER_C: Mapping[str, float] = {
    f"heatsink_{celsius}c": float(celsius) for celsius in (58, 70, 74, 76, 80, 85)
}
"""The temperature that each resistor in place of the NTC stands for."""
_K_0, _K_25, _BETA_K = 273.15, 298.15, 3950.0


def sensor_c(inserted: Set[str], true_c: float) -> float:
    """Return what the sensor's input shows: of the NTC, or of all resistors in its place."""
    inside = [celsius for name, celsius in SENSOR_LADDER_C.items() if name in inserted]
    if len(inside) < 2:
        return inside[0] if inside else true_c
    return _at_conductance(sum(_conductance(celsius) for celsius in inside))


def _conductance(celsius: float) -> float:
    """Return what an NTC conducts, as a multiple of that at 25 C."""
    return exp(_BETA_K / _K_25 - _BETA_K / (celsius + _K_0))


def _at_conductance(ratio: float) -> float:
    return _BETA_K / (_BETA_K / _K_25 - log(ratio)) - _K_0


class HeatSink:
    """First order towards ambient plus a rise in proportion to the losses."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._at_s = 0.0
        self._from_c = self._target_c = plant.ambient_c

    def temperature_c(self, t_s: float) -> float:
        """Return the temperature at ``t_s``, at or after the last change."""
        left = exp(-max(0.0, t_s - self._at_s) / self._plant.thermal_tau_s)
        return self._target_c + (self._from_c - self._target_c) * left

    def lose(self, t_s: float, loss_w: float) -> None:
        """Let ``loss_w`` heat it from ``t_s`` on."""
        self._from_c, self._at_s = self.temperature_c(t_s), t_s
        share = loss_w / self._plant.full_load_loss_w
        self._target_c = self._plant.ambient_c + self._plant.full_load_rise_k * share
