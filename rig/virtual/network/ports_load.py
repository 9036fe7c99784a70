"""The terminals of one electronic AC load, behind its socket."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.network.live import Live
from rig.virtual.ports import AcQuantities, LoadSetting
from rig.virtual.unit.contract import SOCKETS

__all__ = ["GENTLE_VA", "LoadTerminals"]

GENTLE_VA = 300.0
"""A smaller step of a load (5 % of the rating) is not worth the sampled scale: the voltage
moves by less than 0.5 % for 12 ms; a day's profile has thousands of them."""


class LoadTerminals:
    """An electronic load plugged into one socket."""

    def __init__(self, live: Live, socket: int) -> None:
        self._live, self._socket = live, socket

    def apply(self, setting: LoadSetting) -> None:
        """Act on a new setting from now on; the current slews within 1 ms."""
        world = self._live.world()
        loads = list(world.circuit.loads)
        if setting.on or loads[self._socket].on:
            world.truth.note(world.t_s, "load_changed", SOCKETS[self._socket])
        loads[self._socket] = setting
        a, b, c = loads
        circuit = replace(world.circuit, loads=(a, b, c))
        step = (
            world.model.steady(circuit).terminals.apparent_va - world.steady.terminals.apparent_va
        )
        world.become(circuit, world.t_s, gentle=abs(step) < GENTLE_VA)

    def read(self) -> AcQuantities:
        """Return what stands at the terminals now."""
        world = self._live.world()
        return world.steady.loads[self._socket]
