"""From one state of the circuit to the next: what a change starts, and what has died away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rig.virtual.network.discharge import discharge_span_s
from rig.virtual.network.regulator_fault import output_hz
from rig.virtual.network.state import (
    DIP_TIME_CONSTANTS,
    Circuit,
    Dip,
    Discharge,
    NetworkState,
    Slew,
)
from rig.virtual.network.steady import Model

__all__ = ["follow"]

_LARGEST_STEP = 1.5
_SMALLEST_STEP = 1e-3


def follow(model: Model, old: NetworkState, circuit: Circuit, t_s: float) -> NetworkState:
    """Return the state from ``t_s`` on, when the circuit becomes ``circuit``."""
    state = replace(_aged(model, old, t_s), circuit=circuit)
    state = replace(state, phase_cycles=_phase(model, old, circuit, t_s))
    if circuit.energised != old.circuit.energised:
        state = _switched(state, t_s)
    state = replace(state, slews=state.slews + _new_slews(model, old, circuit, t_s))
    if old.circuit.energised and circuit.energised:
        state = _loaded(model, old, state, t_s)
    return state


def _phase(model: Model, old: NetworkState, circuit: Circuit, t_s: float) -> float:
    """Let the phase go on where it stands when the frequency changes."""
    before, after = (output_hz(model.plant, c.inserted) for c in (old.circuit, circuit))
    return old.phase_cycles + (before - after) * t_s


def _aged(model: Model, state: NetworkState, t_s: float) -> NetworkState:
    """Forget the transients that are over."""
    plant = model.plant
    dip_span = DIP_TIME_CONSTANTS * plant.dip_tau_s
    return replace(
        state,
        slews=tuple(s for s in state.slews if t_s < s.start_s + plant.load_slew_s),
        dips=tuple(d for d in state.dips if t_s < d.start_s + dip_span),
        discharges=tuple(
            d for d in state.discharges if t_s < d.start_s + discharge_span_s(plant, d)
        ),
    )


def _switched(state: NetworkState, t_s: float) -> NetworkState:
    if not state.circuit.energised:
        return replace(state, ended_s=t_s)
    return replace(state, ramp_from_s=t_s, dips=(), discharges=())


def _new_slews(model: Model, old: NetworkState, circuit: Circuit, t_s: float) -> tuple[Slew, ...]:
    """Let a load slew that was set anew; what follows from other changes comes at once."""
    before = model.behind(old.circuit).draws
    return tuple(
        Slew(k, t_s, before[k])
        for k in range(len(circuit.loads))
        if circuit.loads[k] != old.circuit.loads[k]
    )


def _loaded(model: Model, old: NetworkState, state: NetworkState, t_s: float) -> NetworkState:
    """Add what the source makes of the step: a discharge into a short circuit, or a dip."""
    shorted = model.short_conductance(old.circuit)
    shorts = model.short_conductance(state.circuit)
    if any(shorts):
        return state if any(shorted) else _short_circuited(model, old, state, t_s)
    if any(shorted):
        return state
    step = model.steady(state.circuit).terminals.apparent_va
    step -= model.steady(old.circuit).terminals.apparent_va
    share = float(np.clip(step / model.plant.rated_va, -_LARGEST_STEP, _LARGEST_STEP))
    if abs(share) < _SMALLEST_STEP:
        return state
    return replace(state, dips=(*state.dips, Dip(t_s, share * model.plant.dip_per_rated)))


def _short_circuited(
    model: Model, old: NetworkState, state: NetworkState, t_s: float
) -> NetworkState:
    voltage = float(model.waves(old, np.array([t_s])).voltage_v[0])
    shorts = model.short_conductance(state.circuit)
    discharges = tuple(
        Discharge(t_s, voltage * g / sum(shorts), k, 1.0 / g)
        for k, g in enumerate(shorts)
        if g > 0.0
    )
    return replace(state, collapsed_s=t_s, discharges=state.discharges + discharges)
