"""Relay contacts: how long after its coil each one moves, and what its moving does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rig.virtual.network.agenda import Change
from rig.virtual.network.poles import bridged
from rig.virtual.network.randomness import rng_for
from rig.virtual.network.truth import Kind
from rig.virtual.network.world import World
from rig.virtual.unit.contract import SOCKETS

__all__ = ["BenchRelay", "SocketRelay"]

_SCATTER_S = 0.0003


class SocketRelay:
    """The two-pole relay of one socket; its last pole moves 6 to 12 ms after the coil.

    Each unit's relays have an opening and a closing time of their own, with a small scatter.
    """

    def __init__(self, world: World, socket: int, seed: int, unit_seed: int) -> None:
        self._world, self._socket = world, socket
        self._name = SOCKETS[socket]
        unit = rng_for(unit_seed, f"relay {self._name}")
        self._opens_s, self._closes_s = (float(x) for x in unit.uniform(0.0063, 0.0117, 2))
        self._scatter = rng_for(seed, f"relay {self._name}")
        self._driven = False
        self._moving: Change | None = None

    def drive(self, closed: bool, t_s: float) -> None:
        """Energise or release the coil at ``t_s``; a coil that stands so already does nothing."""
        if closed == self._driven:
            return
        self._driven = closed
        if self._moving is not None:
            self._moving.cancel()
        self._world.truth.note(t_s, "relay_commanded", self._name)
        base = self._closes_s if closed else self._opens_s
        takes = base + float(self._scatter.uniform(-_SCATTER_S, _SCATTER_S))
        self._moving = self._world.at(t_s + takes, self._close if closed else self._part)

    def _close(self, t_s: float) -> None:
        self._world.truth.note(t_s, "contact_closed", self._name)
        self._world.arcs.cancel(self._name)
        self._world.close_contact(self._socket, True, t_s)

    def _part(self, t_s: float) -> None:
        if not self._world.circuit.contacts[self._socket]:
            return
        self._world.truth.note(t_s, "contact_parted", self._name)
        self._world.woken_s = t_s
        if self._bridged():
            self._world.close_contact(self._socket, False, t_s)
            return
        self._world.arcs.begin(self._name, t_s, self._current, self._ended)

    def _bridged(self) -> bool:
        """Say whether something else carries the current in both poles."""
        inserted = self._world.circuit.inserted
        return all(bridged(inserted, pole)[self._socket] for pole in ("line", "neutral"))

    def _current(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the line pole carries; the isolated source of direct current feeds no arc."""
        waves = self._world.waves(t_s)
        current = waves.socket_current_a[self._socket]
        fault = self._world.model.behind(self._world.circuit).earth_fault
        if fault is None or waves.residual_current_a is None or not fault.path.burns():
            return current
        return current + waves.residual_current_a[self._socket]

    def _ended(self, t_s: float) -> None:
        self._world.truth.note(t_s, "current_ended", self._name)
        self._world.close_contact(self._socket, False, t_s)


class BenchRelay:
    """One plain relay of the bench: its contact follows 5 to 12 ms after the coil, at random."""

    def __init__(
        self, world: World, name: str, seed: int, moved: Callable[[bool, float], None]
    ) -> None:
        self._world, self._name, self._moved = world, name, moved
        self._rng = rng_for(seed, name)
        self._driven = False
        self._moving: Change | None = None
        self.closed = False

    def drive(self, closed: bool) -> float | None:
        """Energise or release the coil now; return when the contact will move, if it will."""
        if closed == self._driven:
            return None
        self._driven = closed
        if self._moving is not None:
            self._moving.cancel()
        now = self._world.t_s
        self._world.truth.note(now, "coil_driven", self._name)
        takes = float(self._rng.uniform(0.005, 0.012))
        self._moving = self._world.at(now + takes, lambda t_s: self._move(closed, t_s))
        return now + takes

    def _move(self, closed: bool, t_s: float) -> None:
        if closed == self.closed:
            return
        self.closed = closed
        kind: Kind = "bench_contact_closed" if closed else "bench_contact_opened"
        self._world.truth.note(t_s, kind, self._name)
        self._moved(closed, t_s)
