"""What the probes of the two scopes are clipped to (controller.md section 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from rig.virtual.network.crossings import ProbePiece
from rig.virtual.network.port_probes import LINE_K, port_pieces, port_values
from rig.virtual.network.state import NetworkState
from rig.virtual.network.supply_12v import PROBE, supply_12v
from rig.virtual.network.waveforms import Array, Waves
from rig.virtual.network.world import World
from rig.virtual.unit.contract import SOCKETS

__all__ = ["AcProbes", "DcProbes"]

VOLTAGE, CURRENT, RESIDUAL, NEIGHBOUR = 1, 2, 3, 4
PACK_VOLTAGE = 3


class AcProbes:
    """Voltage, current and residual current of the selected socket, voltage of its neighbour."""

    def __init__(self, world: World) -> None:
        self._world = world

    def at(self, channel: int, t_s: Array) -> Array:
        """Return the values at ascending instants."""
        out = np.zeros(t_s.size)
        for chosen, socket in self._world.selected.slices(t_s):
            see = _sight(channel, socket)
            if see is None:
                continue
            for part, state in self._world.states.slices(t_s[chosen]):
                out[chosen][part] = see(self._world.model.waves(state, t_s[chosen][part]))
        return out

    def pieces(self, channel: int, start_s: float, end_s: float) -> Iterator[ProbePiece]:
        """Yield the pieces of a channel over a span, each with the instant it is steady from."""
        world = self._world
        for first, last, socket in world.selected.pieces(start_s, end_s):
            see = _sight(channel, socket)
            for begin, end, state in world.states.pieces(first, last):
                if see is None:
                    yield ProbePiece(begin, end, begin, _nothing)
                else:
                    wave = partial(_seen, world, see, state)
                    yield ProbePiece(begin, end, world.model.settled_from_s(state), wave)


class DcProbes:
    """Pack volts; port volts, port amps and line k, at 0 on a bench without a CHAdeMO port.

    A relay puts the probe of line k on the unit's 12 V supply.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def at(self, channel: int, t_s: Array) -> Array:
        """Return the values at ascending instants."""
        out = np.zeros(t_s.size)
        if channel == PACK_VOLTAGE:
            for part, point in self._world.pack.slices(t_s):
                out[part] = point.voltage_v
        elif self._world.port is not None:
            out = port_values(self._world.port, channel, t_s)
        if channel == LINE_K:
            for part, state in self._world.states.slices(t_s):
                if PROBE in state.circuit.inserted:
                    out[part] = supply_12v(state.circuit.inserted)
        return out

    def pieces(self, channel: int, start_s: float, end_s: float) -> Iterator[ProbePiece]:
        """Yield the pieces of a channel over a span."""
        if channel == LINE_K:
            yield from self._of_line_k(start_s, end_s)
            return
        if channel != PACK_VOLTAGE:
            yield from self._of_port(channel, start_s, end_s)
            return
        for begin, end, point in self._world.pack.pieces(start_s, end_s):
            yield ProbePiece(begin, end, begin, partial(_constant, point.voltage_v))

    def _of_line_k(self, start_s: float, end_s: float) -> Iterator[ProbePiece]:
        for begin, end, state in self._world.states.pieces(start_s, end_s):
            inserted = state.circuit.inserted
            if PROBE in inserted:
                yield ProbePiece(begin, end, begin, partial(_constant, supply_12v(inserted)))
            else:
                yield from self._of_port(LINE_K, begin, end)

    def _of_port(self, channel: int, start_s: float, end_s: float) -> Iterator[ProbePiece]:
        if self._world.port is None:
            yield ProbePiece(start_s, end_s, start_s, _nothing)
        else:
            yield from port_pieces(self._world.port, channel, start_s, end_s)


def _sight(channel: int, socket: int | None) -> Callable[[Waves], Array] | None:
    """Return what a channel takes from the waveforms; None = it sees nothing."""
    if socket is None:
        return None
    neighbour = (socket + 1) % len(SOCKETS)
    if channel == VOLTAGE:
        return lambda waves: waves.socket_voltage_v[socket]
    if channel == CURRENT:
        return lambda waves: waves.socket_current_a[socket]
    if channel == RESIDUAL:
        return lambda waves: _residual(waves, socket)
    if channel == NEIGHBOUR:
        return lambda waves: waves.socket_voltage_v[neighbour]
    return None


def _residual(waves: Waves, socket: int) -> Array:
    if waves.residual_current_a is None:
        return np.zeros(waves.voltage_v.size)
    return waves.residual_current_a[socket]


def _seen(world: World, see: Callable[[Waves], Array], state: NetworkState, t_s: Array) -> Array:
    return see(world.model.waves(state, t_s))


def _constant(value: float, t_s: Array) -> Array:
    return np.full(t_s.size, value)


_nothing = partial(_constant, 0.0)
