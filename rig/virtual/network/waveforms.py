"""What the circuit does between two changes: a pure, vectorised function of state and time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from rig.virtual.network.discharge import capacitor_current, capacitor_voltage, discharge_span_s
from rig.virtual.network.plant import Plant
from rig.virtual.network.regulator_fault import output_gain, output_hz
from rig.virtual.network.residual_flow import EarthFault
from rig.virtual.network.state import Draw, NetworkState
from rig.virtual.network.templates import at_phase, shape

__all__ = ["Array", "Network3", "Waves", "cycles", "waves"]

Array = NDArray[np.float64]
_SQRT2 = sqrt(2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Waves:
    """True waveforms at the asked instants, shape (n,) each."""

    voltage_v: Array
    """At the inverter's terminals."""
    current_a: Array
    """Out of the inverter's terminals, the output capacitor included."""
    socket_voltage_v: tuple[Array, Array, Array]
    """Behind each socket's relay."""
    socket_current_a: tuple[Array, Array, Array]
    residual_current_a: tuple[Array, Array, Array] | None = None
    """By socket; None while none can flow."""


@dataclass(frozen=True, slots=True)
class Network3:
    """What hangs behind the three sockets: closed branches in S, shorts among them, loads.

    A negative branch feeds the socket.
    """

    branch_s: tuple[float, float, float]
    short_s: tuple[float, float, float]
    draws: tuple[Draw, Draw, Draw]
    open_gain: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Voltage at an outlet that does not conduct, as a multiple of the output's."""
    earth_fault: EarthFault | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """What the parts of one computation share."""

    plant: Plant
    state: NetworkState
    behind: Network3
    t_s: Array
    phase: Array
    envelope: float | Array


@dataclass(slots=True)
class _Socket:
    """One closed socket during the computation."""

    index: int
    conductance: float | Array
    drawn: Array | None


def cycles(plant: Plant, state: NetworkState, t_s: Array) -> Array:
    """Return the phase of the source in periods, not wrapped."""
    hertz = output_hz(plant, state.circuit.inserted)
    return hertz * t_s + (plant.phase_cycles + state.phase_cycles)


def waves(plant: Plant, state: NetworkState, behind: Network3, t_s: Array) -> Waves:
    """Return the waveforms of one state at ascending instants within its piece."""
    fade = _fade(plant, state, t_s)
    if fade is None:
        return _nothing(t_s.size)
    phase = cycles(plant, state, t_s)
    phase -= np.floor(phase)
    piece = _Piece(plant, state, behind, t_s, phase, _envelope(plant, state, t_s))
    sockets = _sockets(piece)
    voltage, current = _solve(plant, _source(piece), sockets)
    made = _assemble(piece, (voltage, current, sockets), fade)
    if behind.earth_fault is None:
        return made
    share = piece.envelope * fade
    residual = behind.earth_fault.currents(plant, made.socket_voltage_v, phase, share)
    return replace(made, residual_current_a=residual)


def _nothing(n: int) -> Waves:
    zero = np.zeros(n)
    return Waves(zero, zero, (zero, zero, zero), (zero, zero, zero))


def _fade(plant: Plant, state: NetworkState, t_s: Array) -> float | Array | None:
    """Return the share left while the electronic switch ends the current; None = all dead."""
    if state.circuit.energised:
        return 1.0
    if not t_s.size or t_s[0] >= state.ended_s + plant.block_s:
        return None
    return np.clip(1.0 - (t_s - state.ended_s) / plant.block_s, 0.0, 1.0)


def _envelope(plant: Plant, state: NetworkState, t_s: Array) -> float | Array:
    if not t_s.size or t_s[0] >= state.ramp_from_s + plant.ramp_s:
        return 1.0
    return np.clip((t_s - state.ramp_from_s) / plant.ramp_s, 0.0, 1.0)


def _source(piece: _Piece) -> Array:
    """Return the source voltage; its harmonics share the fundamental's zeros, its DC part not."""
    plant = piece.plant
    s = np.sin(2.0 * pi * piece.phase)
    square = s * s
    third = plant.third_harmonic * (3.0 - 4.0 * square)
    fifth = plant.fifth_harmonic * (5.0 + square * (16.0 * square - 20.0))
    s *= (1.0 + third + fifth) * (_SQRT2 * plant.open_voltage_v)
    s += plant.dc_offset_v
    circuit = piece.state.circuit
    s *= piece.envelope * (circuit.amplitude * output_gain(circuit.inserted))
    for dip in piece.state.dips:
        s *= 1.0 - dip.fraction * np.exp((dip.start_s - piece.t_s) / plant.dip_tau_s)
    return s


def _sockets(piece: _Piece) -> list[_Socket]:
    circuit = piece.state.circuit
    closed = [k for k, both_poles in enumerate(circuit.conducting) if both_poles]
    presence = piece.envelope * min(1.0, circuit.amplitude)
    if any(piece.behind.short_s[k] for k in closed):
        gone = (piece.t_s - piece.state.collapsed_s) / piece.plant.collapse_s
        presence = presence * (1.0 - np.clip(gone, 0.0, 1.0))
    return [_socket(piece, k, presence) for k in closed]


def _socket(piece: _Piece, k: int, presence: float | Array) -> _Socket:
    draw = piece.behind.draws[k]
    conductance: float | Array = piece.behind.branch_s[k] + draw.conductance_s
    drawn = _drawn(draw, piece.phase)
    for slew in piece.state.slews:
        end_s = slew.start_s + piece.plant.load_slew_s
        if slew.socket != k or not piece.t_s.size or piece.t_s[0] >= end_s:
            continue
        left = np.clip((end_s - piece.t_s) / piece.plant.load_slew_s, 0.0, 1.0)
        before = _drawn(slew.before, piece.phase)
        conductance = conductance + left * (slew.before.conductance_s - draw.conductance_s)
        drawn = _mixed(before, drawn, left)
    return _Socket(k, conductance, None if drawn is None else drawn * presence)


def _mixed(before: Array | None, after: Array | None, left: Array) -> Array | None:
    if after is None:
        return None if before is None else before * left
    if before is None:
        return after * (1.0 - left)
    return after + (before - after) * left


def _drawn(draw: Draw, phase: Array) -> Array | None:
    if draw.rms_a == 0.0:
        return None
    return draw.rms_a * at_phase(shape(draw.power_factor, draw.crest_factor).table, phase)


def _solve(plant: Plant, source: Array, sockets: list[_Socket]) -> tuple[Array, Array]:
    """Return terminal voltage and inverter current; scale what loads draw when it is limited."""
    conductance = sum((s.conductance for s in sockets), start=0.0)
    drawn = np.zeros(source.size)
    for socket in sockets:
        if socket.drawn is not None:
            drawn += socket.drawn
    voltage = (source - plant.output_ohm * drawn) / (1.0 + plant.output_ohm * conductance)
    current = conductance * voltage + drawn
    over = np.abs(current) > plant.limit_a
    if over.any():
        _limit(plant, sockets, over, (voltage, current, drawn), conductance)
    return voltage, current


def _limit(
    plant: Plant,
    sockets: list[_Socket],
    over: NDArray[np.bool_],
    solved: tuple[Array, Array, Array],
    conductance: float | Array,
) -> None:
    """Hold the current at the limit: the voltage follows, down to 0, then the loads give way."""
    voltage, current, drawn = solved
    limit = np.copysign(plant.limit_a, current[over])
    g = conductance[over] if isinstance(conductance, np.ndarray) else conductance
    wanted = drawn[over]
    left = (limit - wanted) / np.maximum(g, 1e-12)
    collapsed = limit * wanted >= limit * limit
    voltage[over] = np.where(collapsed, 0.0, left)
    current[over] = limit
    if not collapsed.any():
        return
    scale = np.ones(voltage.size)
    scale[over] = np.where(collapsed, limit / np.where(collapsed, wanted, 1.0), 1.0)
    for socket in sockets:
        if socket.drawn is not None:
            socket.drawn = socket.drawn * scale


def _assemble(
    piece: _Piece, solved: tuple[Array, Array, list[_Socket]], fade: float | Array
) -> Waves:
    voltage, current, sockets = solved
    ring = _ringing(piece)
    zero = np.zeros(piece.t_s.size)
    volts, amps = [zero, zero, zero], [zero, zero, zero]
    for socket in sockets:
        k = socket.index
        amps[k] = socket.conductance * voltage
        if socket.drawn is not None:
            amps[k] += socket.drawn
        if ring is not None:
            amps[k] += (socket.conductance - piece.behind.short_s[k]) * ring[0] + ring[1][k]
    if ring is not None:
        voltage = voltage + ring[0]
        current = amps[0] + amps[1] + amps[2]
    if isinstance(fade, np.ndarray):
        voltage, current = voltage * fade, current * fade
        amps = [a * fade for a in amps]
    for k, gain in enumerate(piece.behind.open_gain):
        if gain:
            volts[k] = gain * voltage
    for socket in sockets:
        volts[socket.index] = voltage
    return Waves(voltage, current, (volts[0], volts[1], volts[2]), (amps[0], amps[1], amps[2]))


def _ringing(piece: _Piece) -> tuple[Array, list[Array]] | None:
    """Return capacitor voltage and short-circuit currents of the discharges still under way."""
    t_s, plant = piece.t_s, piece.plant
    ring = None
    for discharge in piece.state.discharges:
        since = t_s - discharge.start_s
        if not t_s.size or since[0] >= discharge_span_s(plant, discharge):
            continue
        if ring is None:
            ring = (np.zeros(t_s.size), [np.zeros(t_s.size) for _ in range(3)])
        ring[0][:] += capacitor_voltage(plant, discharge, since)
        ring[1][discharge.socket] += capacitor_current(plant, discharge, since)
    return ring
