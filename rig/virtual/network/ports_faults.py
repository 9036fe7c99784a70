"""Fault insertion: the relay boards, and the point-on-wave trigger with its branches."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import ceil

import numpy as np

from instruments.errors import UsageError
from rig.virtual.network.contacts import BenchRelay
from rig.virtual.network.live import Live
from rig.virtual.network.regulator_fault import output_hz
from rig.virtual.network.waveforms import Array, cycles
from rig.virtual.network.world import World
from rig.virtual.unit.contract import SOCKETS

__all__ = ["PointOnWave", "RelayBoard"]

_AT_ZERO = 1e-7


class RelayBoard:
    """The contacts of one board: fault networks, the probes' multiplexer, the pack's contactors."""

    def __init__(self, live: Live, world: World, board: int, seed: int) -> None:
        self._live, self._world = live, world
        wiring = world.model.wiring
        self._mux = wiring.mux_relays if board == wiring.mux_board else ()
        its_board, coil = wiring.contactors or (None, None)
        self._contactor = coil if its_board == board else None
        self._networks = {n: name for (b, n), name in wiring.networks.items() if b == board}
        port = wiring.port.contacts if wiring.port is not None else {}
        self._port = {n: name for (b, n), name in port.items() if b == board}
        self._relays = [
            BenchRelay(world, f"board {board} relay {n}", seed, partial(self._moved, n))
            for n in range(wiring.relays_per_board)
        ]

    def drive(self, relay: int, closed: bool) -> None:
        """Energise or release a coil now; the contact follows after 5 to 12 ms."""
        if not 0 <= relay < len(self._relays):
            raise UsageError(f"a relay board has relays 0 to {len(self._relays) - 1}, not {relay}")
        self._live.world()
        moves_s = self._relays[relay].drive(closed)
        if moves_s is not None and relay in self._port:
            self._live.wake_at(moves_s)

    def closed(self, relay: int) -> bool:
        """Say whether a contact is closed now."""
        self._live.world()
        return self._relays[relay].closed

    def _moved(self, relay: int, closed: bool, t_s: float) -> None:
        if relay == self._contactor:
            self._world.connect(closed, t_s)
        if relay in self._mux:
            self._select(t_s)
        if relay in self._networks:
            self._put_in(self._networks[relay], closed, t_s)
        port = self._world.port
        if relay in self._port and port is not None:
            port.contact(self._port[relay], closed, t_s)

    def _put_in(self, network: str, closed: bool, t_s: float) -> None:
        self._world.insert(network, closed, t_s)
        if closed and network in self._world.model.wiring.triggering:
            self._world.trigger(t_s)

    def _select(self, t_s: float) -> None:
        """Put the probes on the one socket whose contact is closed, else on nothing."""
        on = [socket for socket, n in enumerate(self._mux) if self._relays[n].closed]
        self._world.selected.put(t_s, on[0] if len(on) == 1 else None)


class PointOnWave:
    """The branches behind the trigger box, and its view of the sockets' voltage."""

    def __init__(self, live: Live, world: World) -> None:
        self._live, self._world = live, world
        self._driven = 0

    def next_zero_crossing(self) -> float | None:
        """Return the next positive zero crossing; None while no socket has voltage."""
        world = self._live.world()
        if not world.circuit.any_live():
            return None
        state = world.states.last
        phase = float(cycles(world.model.plant, state, np.array([world.t_s]))[0])
        hertz = output_hz(world.model.plant, state.circuit.inserted)
        return world.t_s + (ceil(phase + _AT_ZERO) - phase) / hertz

    def phase_deg(self, t_s: float) -> float:
        """Return the true phase of the AC voltage, 0 to 360, 0 = positive zero crossing."""
        world = self._world
        phase = float(cycles(world.model.plant, world.states.last, np.array([t_s]))[0])
        return 360.0 * (phase % 1.0)

    def switch(self, branches: int, closed: bool, at_s: float) -> None:
        """Switch the branches of the mask at ``at_s``; step branches open at a current zero."""
        known = len(self._world.model.wiring.branches)
        if not 0 <= branches < 1 << known:
            raise UsageError(f"the trigger box has branches 0 to {known - 1}, got {branches:#x}")
        self._live.world()
        self._world.at(at_s, partial(self._switch, branches, closed))

    def trigger(self, at_s: float) -> None:
        """Raise the common trigger line at ``at_s``."""
        self._live.world().at(at_s, self._world.trigger)

    def _switch(self, mask: int, closed: bool, t_s: float) -> None:
        mask &= ~self._driven if closed else self._driven
        self._driven ^= mask
        if closed:
            self._close(mask, t_s)
        else:
            self._open(mask, t_s)

    def _close(self, mask: int, t_s: float) -> None:
        for bit in _bits(mask):
            self._world.arcs.cancel(_name(bit))
            self._world.truth.note(t_s, "branch_closed", _name(bit))
        world = self._world
        world.become(replace(world.circuit, branches=world.circuit.branches | mask), t_s)

    def _open(self, mask: int, t_s: float) -> None:
        wiring = self._world.model.wiring
        at_once = mask & (wiring.shorts() | wiring.residuals())
        for bit in _bits(at_once):
            self._opened(bit, t_s)
        for bit in _bits(mask & ~at_once):
            self._world.truth.note(t_s, "branch_opening", _name(bit))
            current, ended = partial(self._current, bit), partial(self._opened, bit)
            self._world.arcs.begin(_name(bit), t_s, current, ended)

    def _current(self, bit: int, t_s: Array) -> Array:
        branch = self._world.model.wiring.branches[bit]
        voltage = self._world.waves(t_s).socket_voltage_v[SOCKETS.index(branch.socket)]
        return voltage / branch.resistance_ohm

    def _opened(self, bit: int, t_s: float) -> None:
        world = self._world
        world.truth.note(t_s, "branch_opened", _name(bit))
        world.become(replace(world.circuit, branches=world.circuit.branches & ~(1 << bit)), t_s)


def _bits(mask: int) -> list[int]:
    return [bit for bit in range(mask.bit_length()) if mask >> bit & 1]


def _name(bit: int) -> str:
    return f"branch {bit}"
