"""Time: the world and the unit's firmware, brought up to an instant on two scales."""

from __future__ import annotations

from math import floor

from rig.virtual.network.world import World
from rig.virtual.unit.contract import Firmware

__all__ = ["BLOCK_S", "SETTLE_S", "Engine"]

BLOCK_S = 0.02
"""Longest sampled block; blocks end on whole multiples of it."""
SETTLE_S = 0.08
"""After it, nothing of a change is left that the steady state would not show."""
_STUCK = 1000


class Engine:
    """Live through time in sampled blocks after a change, in one step where nothing happens.

    Blocks end on a grid of clock time, and only there (or where the unit itself acted) is the
    unit asked whether it has settled: so nothing depends on how far each call goes.
    """

    def __init__(self, world: World, firmware: Firmware) -> None:
        self.world, self._firmware = world, firmware
        self._sampling = True
        self._running = False

    def advance(self, to_s: float) -> None:
        """Live up to ``to_s``, changes due then included; nested calls do nothing."""
        if self._running:
            return
        self._running = True
        try:
            self._live(to_s)
        finally:
            self._running = False

    def _live(self, to_s: float) -> None:
        world = self.world
        still = 0
        while True:
            world.make_due()
            before = world.t_s
            if before >= to_s:
                return
            self._step(min(to_s, world.next_change_s()))
            still = still + 1 if world.t_s == before else 0
            if still > _STUCK:
                raise RuntimeError(f"the unit's firmware makes no progress at {before:.6f} s")

    def _step(self, horizon_s: float) -> None:
        world = self.world
        if not self._sampling and world.woken_s >= world.t_s:
            self._sampling = True
        if self._sampling:
            self._block(horizon_s)
        else:
            self._steady(horizon_s)

    def _block(self, horizon_s: float) -> None:
        world, start = self.world, self.world.t_s
        edge = _edge_after(start)
        end = min(horizon_s, edge)
        reached = self._firmware.run_block(start, end)
        if not start <= reached <= end:
            raise RuntimeError(
                f"the unit's firmware answered {reached!r} to a block from {start!r} to {end!r}"
            )
        world.t_s = reached
        if reached == edge and reached >= world.woken_s + SETTLE_S:
            self._sampling = not self._firmware.settled()

    def _steady(self, horizon_s: float) -> None:
        world, start = self.world, self.world.t_s
        deadline = self._firmware.next_deadline(start)
        end = min(horizon_s, deadline)
        self._firmware.run_steady(start, end)
        world.t_s = end
        if end == deadline:
            self._sampling = not self._firmware.settled()


def _edge_after(t_s: float) -> float:
    """Return the first whole multiple of the block above ``t_s``, exactly, whatever floats do."""
    n = floor(t_s / BLOCK_S)
    while n * BLOCK_S <= t_s:
        n += 1
    return n * BLOCK_S
