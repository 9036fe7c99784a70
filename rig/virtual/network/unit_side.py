"""The circuit's side of the unit: true sensor inputs, and actuators that act on the instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil

import numpy as np

from rig.virtual.network.contacts import SocketRelay
from rig.virtual.network.dc import DcPoint
from rig.virtual.network.insulation import output_insulation, pack_insulation
from rig.virtual.network.socket_faults import socket_faults
from rig.virtual.network.state import Circuit
from rig.virtual.network.steady import Steady
from rig.virtual.network.supply_12v import in_reset, supply_12v
from rig.virtual.network.thermal import sensor_c
from rig.virtual.network.truth import Kind
from rig.virtual.network.waveforms import Waves
from rig.virtual.network.world import World
from rig.virtual.unit.contract import SOCKETS, SampledInputs, Socket, SteadyInputs

__all__ = ["UnitActuators", "UnitSensors"]

_RATE_HZ = 100_000.0
_ON_GRID = 1e-6
_LEAST_A = 1e-3


class UnitSensors:
    """What the unit's sensors are exposed to; true values."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: tuple[Circuit, SteadyInputs] | None = None
        self._now: tuple[Circuit, DcPoint, float, SteadyInputs] | None = None

    def steady(self) -> SteadyInputs:
        """Return the steady inputs that hold now; one object for each instant."""
        circuit, pack, t_s = self._world.circuit, self._world.pack.last, self._world.t_s
        now = self._now
        if now is None or now[0] is not circuit or now[1] is not pack or now[2] != t_s:
            now = self._now = circuit, pack, t_s, self._inputs(circuit, pack, t_s)
        return now[3]

    def _inputs(self, circuit: Circuit, pack: DcPoint, t_s: float) -> SteadyInputs:
        if self._known is None or self._known[0] is not circuit:
            self._known = circuit, _inputs(self._world)
        return replace(
            self._known[1],
            dc_voltage_v=pack.voltage_v,
            dc_current_a=-pack.current_a,
            heatsink_c=sensor_c(circuit.inserted, self._world.heat.temperature_c(t_s)),
        )

    def sampled(self, start_s: float, end_s: float) -> SampledInputs:
        """Return the waveforms on ``[start_s, end_s)`` at whole multiples of 10 us."""
        first, last = (ceil(t * _RATE_HZ - _ON_GRID) for t in (start_s, end_s))
        t_s = np.arange(first, max(first, last)) / _RATE_HZ
        got: Waves = self._world.waves(t_s)
        return SampledInputs(
            t_s, got.voltage_v, got.current_a, got.socket_current_a, got.residual_current_a
        )


def _inputs(world: World) -> SteadyInputs:
    circuit, steady, model = world.circuit, world.steady, world.model
    terminals, (a, b, c) = steady.terminals, steady.sockets
    x, y, z = steady.residuals
    faults = socket_faults(circuit.inserted)
    return SteadyInputs(
        ac_voltage_v=terminals.voltage_v,
        ac_current_a=terminals.current_a,
        ac_power_w=terminals.power_w,
        ac_frequency_hz=terminals.frequency_hz,
        socket_current_a=(a.current_a, b.current_a, c.current_a),
        socket_power_w=(a.power_w, b.power_w, c.power_w),
        socket_voltage_v=_behind_relays(circuit, steady),
        dc_voltage_v=0.0,
        dc_current_a=0.0,
        heatsink_c=0.0,
        residual_rms_a=(x.rms_a, y.rms_a, z.rms_a),
        residual_mean_a=(x.mean_a, y.mean_a, z.mean_a),
        residual_magnitude_a=(x.magnitude_a, y.magnitude_a, z.magnitude_a),
        pack_insulation=pack_insulation(circuit.inserted),
        output_insulation=output_insulation(
            model.behind(circuit).earth_fault, model.wiring.earthing
        ),
        supply_12v=supply_12v(circuit.inserted),
        reset=in_reset(circuit.inserted),
        lid_open=faults.lid_open,
        wet=faults.wet,
        pe_lost=faults.pe_lost,
    )


def _behind_relays(circuit: Circuit, steady: Steady) -> tuple[float, float, float]:
    """Return the volts of each outlet, between its terminals or of its line against earth."""
    a, b, c = (
        steady.terminals.voltage_v if line else socket.voltage_v
        for socket, line in zip(steady.sockets, circuit.line_alone, strict=True)
    )
    return a, b, c


class UnitActuators:
    """What the unit can do; every act happens at its own instant."""

    def __init__(self, world: World, relays: tuple[SocketRelay, SocketRelay, SocketRelay]) -> None:
        self._world, self._relays = world, relays

    def start_inverter(self, at_s: float) -> None:
        """Ramp the output voltage up from ``at_s``."""
        self._world.at(at_s, self._switch(True, "inverter_started"))

    def stop_inverter(self, at_s: float) -> None:
        """Switch the output off at ``at_s``."""
        self._world.at(at_s, self._switch(False, "inverter_stopped"))

    def block_gates(self, at_s: float) -> None:
        """Block the gates at ``at_s``."""
        self._world.at(at_s, self._switch(False, "gates_blocked"))

    def release_gates(self, at_s: float) -> None:
        """Ramp up again from ``at_s``."""
        self._world.at(at_s, self._switch(True, "gates_released"))

    def drive_relay(self, socket: Socket, closed: bool, at_s: float) -> None:
        """Drive a socket's relay at ``at_s``."""
        relay = self._relays[SOCKETS.index(socket)]
        self._world.at(at_s, lambda t_s: relay.drive(closed, t_s))

    def _switch(self, on: bool, kind: Kind) -> Callable[[float], None]:
        def switch(t_s: float) -> None:
            world = self._world
            if world.circuit.energised == on:
                return
            world.truth.note(t_s, kind)
            carrying = [] if on else self._carrying()
            world.become(replace(world.circuit, energised=on), t_s)
            for socket in carrying:
                world.truth.note(t_s + world.model.plant.block_s, "current_ended", socket)

        return switch

    def _carrying(self) -> list[Socket]:
        """Return the sockets whose load current the end of the voltage will end."""
        steady, arcs = self._world.steady.sockets, self._world.arcs
        return [
            socket
            for socket, q in zip(SOCKETS, steady, strict=True)
            if q.current_a > _LEAST_A and not arcs.burning(socket)
        ]
