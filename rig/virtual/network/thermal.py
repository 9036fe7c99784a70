"""The heat sink: one time constant, integrated exactly while the losses stand."""

from __future__ import annotations

from math import exp

from rig.virtual.network.plant import Plant

__all__ = ["HeatSink"]


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
