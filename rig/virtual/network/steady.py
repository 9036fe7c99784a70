"""The steady state of a circuit: what each load draws, and true quantities over one period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TypeVar

import numpy as np

from rig.virtual.network.backfeed import outside
from rig.virtual.network.discharge import discharge_span_s
from rig.virtual.network.plant import Plant
from rig.virtual.network.regulator_fault import output_hz
from rig.virtual.network.residual_flow import (
    NO_RESIDUAL,
    ResidualMeans,
    earth_fault,
    residual_means,
)
from rig.virtual.network.state import DIP_TIME_CONSTANTS, Circuit, Draw, NetworkState
from rig.virtual.network.waveforms import Array, Network3, Waves, waves
from rig.virtual.network.wiring import Wiring
from rig.virtual.ports import AcQuantities, LoadSetting
from rig.virtual.unit.contract import SOCKETS

__all__ = ["Model", "Steady", "quantities"]

_POINTS = 512
_FINE_POINTS = 4096
_ROUNDS = 12
_LOWEST_V = 115.0
"""A constant-power load draws no more than its power at this voltage."""
_CACHED = 4096
_K = TypeVar("_K")
_V = TypeVar("_V")
_DEAD = AcQuantities(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
Three = tuple[AcQuantities, AcQuantities, AcQuantities]
_NONE: Three = (_DEAD, _DEAD, _DEAD)


@dataclass(frozen=True, slots=True)
class Steady:
    """True quantities of one circuit in its steady state."""

    terminals: AcQuantities
    sockets: Three
    """Behind each socket's relay, branches included."""
    loads: Three
    """At the electronic loads' own terminals."""
    residuals: tuple[ResidualMeans, ResidualMeans, ResidualMeans] = NO_RESIDUAL
    """Of each socket."""


class Model:
    """One plant on one wiring, with its solved circuits remembered."""

    def __init__(self, plant: Plant, wiring: Wiring) -> None:
        self.plant, self.wiring = plant, wiring
        self._behind: dict[Circuit, Network3] = {}
        self._steady: dict[Circuit, Steady] = {}

    def waves(self, state: NetworkState, t_s: Array) -> Waves:
        """Return the waveforms of a state at instants within its piece."""
        return waves(self.plant, state, self.behind(state.circuit), t_s)

    def behind(self, circuit: Circuit) -> Network3:
        """Return what hangs behind the sockets, constant-power loads solved for their power."""
        known = self._behind.get(circuit)
        if known is None:
            known = self._solve(circuit)
            _remember(self._behind, circuit, known)
        return known

    def steady(self, circuit: Circuit) -> Steady:
        """Return the true quantities of the steady state."""
        known = self._steady.get(circuit)
        if known is None:
            known = self._analyse(circuit)
            _remember(self._steady, circuit, known)
        return known

    def settled_from_s(self, state: NetworkState) -> float:
        """Return from when on a state is periodic."""
        plant = self.plant
        ends = [state.ramp_from_s + plant.ramp_s]
        if not state.circuit.energised:
            ends.append(state.ended_s + plant.block_s)
        if any(self.short_conductance(state.circuit)):
            ends.append(state.collapsed_s + plant.collapse_s)
        ends += [slew.start_s + plant.load_slew_s for slew in state.slews]
        ends += [dip.start_s + DIP_TIME_CONSTANTS * plant.dip_tau_s for dip in state.dips]
        ends += [d.start_s + discharge_span_s(plant, d) for d in state.discharges]
        return max(ends)

    def short_conductance(self, circuit: Circuit) -> tuple[float, float, float]:
        """Return by socket what short-circuit branches conduct behind a closed relay, in S."""
        shorts = self.wiring.conductances(circuit.branches)[1]
        a, b, c = (g if on else 0.0 for g, on in zip(shorts, circuit.conducting, strict=True))
        return a, b, c

    def _solve(self, circuit: Circuit) -> Network3:
        first = tuple(_draw(setting) for setting in circuit.loads)
        fault = earth_fault(circuit, self.wiring)
        behind = replace(self._hanging(circuit, (first[0], first[1], first[2])), earth_fault=fault)
        if not any(_by_power(setting) for setting in circuit.loads):
            return behind
        return self._meet_power(circuit, behind)

    def _hanging(self, circuit: Circuit, draws: tuple[Draw, Draw, Draw]) -> Network3:
        """Return what hangs behind the sockets when the loads draw so much."""
        branches, shorts = self.wiring.conductances(circuit.branches)
        a, b, c = (g + draw.conductance_s for g, draw in zip(branches, draws, strict=True))
        fed = outside(circuit.inserted, circuit.conducting, (a, b, c))
        x, y, z = (g + extra for g, extra in zip(branches, fed.conductance_s, strict=True))
        bare = (
            draw.rms_a == 0.0 and load_s == 0.0
            for draw, load_s in zip(draws, (a, b, c), strict=True)
        )
        poles = zip(fed.gain, circuit.line_alone, bare, strict=True)
        p, q, r = (gain or float(line and nothing) for gain, line, nothing in poles)
        return Network3((x, y, z), shorts, draws, (p, q, r))

    def _meet_power(self, circuit: Circuit, behind: Network3) -> Network3:
        """Scale the currents of constant-power loads until each takes its power."""
        healthy = circuit.branches & ~self.wiring.shorts()
        state = NetworkState(replace(circuit, energised=True, branches=healthy))
        draws = behind.draws
        for _ in range(_ROUNDS):
            hanging = self._hanging(state.circuit, draws)
            got = waves(self.plant, state, hanging, self._period(state.circuit))
            powers = [
                float(np.mean(got.voltage_v * (i - g * got.voltage_v)))
                for i, g in zip(got.socket_current_a, hanging.branch_s, strict=True)
            ]
            scales = [_scale(*each) for each in zip(circuit.loads, draws, powers, strict=True)]
            a, b, c = (replace(d, rms_a=d.rms_a * s) for d, s in zip(draws, scales, strict=True))
            draws = (a, b, c)
            if all(abs(scale - 1.0) < 1e-6 for scale in scales):
                break
        return replace(behind, draws=draws)

    def _analyse(self, circuit: Circuit) -> Steady:
        if not circuit.energised or circuit.amplitude <= 0.0:
            return Steady(_DEAD, _NONE, _NONE)
        got = self.waves(NetworkState(circuit), self._period(circuit))
        sockets, loads = [_DEAD] * len(SOCKETS), [_DEAD] * len(SOCKETS)
        for k in range(len(SOCKETS)):
            if circuit.conducting[k]:
                sockets[k], loads[k] = self._behind_socket(circuit, got, k)
            elif self.behind(circuit).open_gain[k]:
                sockets[k], loads[k] = self._at_outlet(circuit, got, k)
        terminals = quantities(got.voltage_v, got.current_a, self._hz(circuit))
        return Steady(
            terminals,
            (sockets[0], sockets[1], sockets[2]),
            (loads[0], loads[1], loads[2]),
            self._residuals(circuit),
        )

    def _residuals(self, circuit: Circuit) -> tuple[ResidualMeans, ResidualMeans, ResidualMeans]:
        """Return each socket's residual current, from instants that resolve its half-waves."""
        if self.behind(circuit).earth_fault is None:
            return NO_RESIDUAL
        fine = np.arange(_FINE_POINTS) / (_FINE_POINTS * self._hz(circuit))
        return residual_means(self.waves(NetworkState(circuit), fine).residual_current_a)

    def _at_outlet(
        self, circuit: Circuit, got: Waves, socket: int
    ) -> tuple[AcQuantities, AcQuantities]:
        """Return the quantities of an outlet that has its voltage from elsewhere."""
        voltage, hz = got.socket_voltage_v[socket], self._hz(circuit)
        load_s = self.behind(circuit).draws[socket].conductance_s
        none = got.socket_current_a[socket]
        return quantities(voltage, none, hz), quantities(voltage, load_s * voltage, hz)

    def _behind_socket(
        self, circuit: Circuit, got: Waves, socket: int
    ) -> tuple[AcQuantities, AcQuantities]:
        """Return the quantities of a socket and of its electronic load."""
        voltage, current = got.socket_voltage_v[socket], got.socket_current_a[socket]
        in_all = quantities(voltage, current, self._hz(circuit))
        branch_s = self.behind(circuit).branch_s[socket]
        if branch_s == 0.0:
            return in_all, in_all
        own = current - branch_s * voltage
        return in_all, quantities(voltage, own, self._hz(circuit))

    def _hz(self, circuit: Circuit) -> float:
        return output_hz(self.plant, circuit.inserted)

    def _period(self, circuit: Circuit) -> Array:
        return np.arange(_POINTS) / (_POINTS * self._hz(circuit))


def quantities(voltage_v: Array, current_a: Array, frequency_hz: float) -> AcQuantities:
    """Return the quantities of one whole period, sampled evenly; reactive by the fundamental."""
    n = voltage_v.size
    spectrum = np.fft.rfft(voltage_v) / n
    fundamental = 2.0 * spectrum[1]
    reactive = (fundamental * np.conj(2.0 * np.fft.rfft(current_a)[1] / n)).imag / 2.0
    harmonics = sqrt(2.0) * float(np.linalg.norm(spectrum[2:41]))
    rms = abs(fundamental) / sqrt(2.0)
    return AcQuantities(
        voltage_v=sqrt(float(np.mean(voltage_v * voltage_v))),
        current_a=sqrt(float(np.mean(current_a * current_a))),
        power_w=float(np.mean(voltage_v * current_a)),
        reactive_var=float(reactive),
        frequency_hz=frequency_hz,
        voltage_peak_v=float(np.max(np.abs(voltage_v))),
        current_peak_a=float(np.max(np.abs(current_a))),
        voltage_thd_percent=100.0 * harmonics / float(rms) if rms > 0.1 else 0.0,
        voltage_dc_v=float(np.mean(voltage_v)),
        current_dc_a=float(np.mean(current_a)),
    )


def _by_power(setting: LoadSetting) -> bool:
    return setting.on and setting.mode == "power" and setting.level > 0.0


def _draw(setting: LoadSetting) -> Draw:
    """Return what a setting draws at 230 V."""
    if not setting.on or setting.level <= 0.0:
        return Draw()
    if setting.mode == "resistance":
        return Draw(conductance_s=1.0 / setting.level)
    factors = setting.power_factor, setting.crest_factor
    if setting.mode == "current":
        return Draw(0.0, setting.level, *factors)
    return Draw(0.0, setting.level / 230.0 / max(abs(setting.power_factor), 0.01), *factors)


def _scale(setting: LoadSetting, draw: Draw, power_w: float) -> float:
    """Return by how much a load must draw more to take the power it is set to."""
    if not _by_power(setting) or power_w <= 0.0:
        return 1.0
    most = setting.level / _LOWEST_V / max(abs(setting.power_factor), 0.01)
    return min(setting.level / power_w, most / draw.rms_a)


def _remember(known: dict[_K, _V], key: _K, value: _V) -> None:
    """Keep the newest results; the oldest goes first."""
    if len(known) >= _CACHED:
        del known[next(iter(known))]
    known[key] = value
