"""The level of a slowly rising current at the instant something tripped."""

from __future__ import annotations

import math

import numpy as np

from rig.measure.edge import Edge
from rig.measure.ending import find_ending, locate_ending
from rig.measure.measurement import Evidence, Measurement, NoTripSeen
from rig.measure.onset import SHARE_OF_PEAK, Before, Frequency, Onset, fit_before
from rig.measure.poles import pole_end, unconfirmed
from rig.measure.quantity import Budget, Component
from rig.measure.residual import ResidualShape, averaged_components, residual_levels
from rig.measure.runs import debounce_samples, runs_above
from rig.measure.waveform import Capture, Waveform

__all__ = ["current_at_trip"]

_REACTION_S = 0.3
_AGREEMENT_S = 0.02
_QUIET_CYCLES = 1.5
_PEAK_S = 0.03


def current_at_trip(
    capture: Capture,
    name: str,
    *,
    shape: ResidualShape = "ac",
    poles: tuple[str, ...] = (),
    ramp_ends_s: float | None = None,
    reaction_s: float = _REACTION_S,
    quantity_name: str = "trip_current",
) -> Measurement | NoTripSeen:
    """Return the level that a rising current had when it was cut off.

    It is that of the last half cycle, of half-waves that of the last cycle.

    What the level moved by within ``reaction_s`` before is part of the uncertainty: the unit may
    have decided on any of it. Every one of ``poles`` must end with the current, or it was not the
    unit that ended it; so must the current before ``ramp_ends_s``.
    """
    wave = capture.waveform(name)
    evidence = Evidence(capture.capture_id, capture.instruments)
    problems = capture.problems_of(name, *poles)
    if not all(capture.waveform(each).complete() for each in (name, *poles)):
        return NoTripSeen(quantity_name, 0.0, evidence, problems, unit=wave.unit)
    frequency = Frequency(capture.nominal_hz, 0.0, known=True)
    before = fit_before(wave, capture.trigger, frequency)
    since = None if before is None else _last_rise(wave, before)
    if before is None or since is None:
        problems = (*problems, f"{name}: no stimulus seen")
        return NoTripSeen(quantity_name, 0.0, evidence, problems, unit=wave.unit)
    ending = find_ending(wave, before, since, quiet_s=_QUIET_CYCLES / frequency.hz)
    late = ramp_ends_s is not None and ending.last_s > ramp_ends_s - 1.0 / frequency.hz
    if late or ending.quiet_s < _QUIET_CYCLES / frequency.hz - wave.dt_s:
        return NoTripSeen(quantity_name, ending.last_s, evidence, problems, unit=wave.unit)
    edge = locate_ending(wave, before, ending, since_s=since.cross_s, frequency=frequency)
    opened = {each: pole_end(capture, each, since, frequency, _QUIET_CYCLES) for each in poles}
    problems += unconfirmed(opened, edge, _AGREEMENT_S)
    value, budget = _level(wave, shape, edge, reaction_s, capture.nominal_hz)
    if not math.isfinite(value):
        problems += (f"{name}: flowed for less than one cycle",)
    notes = (f"the current ended {edge.t_s:.4f} s after the trigger by {edge.how}",)
    return Measurement(
        quantity_name, value, wave.unit, budget, evidence, problems, notes=notes, end_s=edge.t_s
    )


def _last_rise(wave: Waveform, before: Before) -> Onset | None:
    """Return where the last cycles of the current begin, and how high they are."""
    zero = float(before.fit.coefficients[0].real)
    values = wave.values - zero
    debounce = debounce_samples(wave.dt_s)
    _, ends = runs_above(values, before.noise_threshold, debounce)
    if ends.size == 0 or wave.t0_s + wave.dt_s * int(ends[-1]) <= 0.0:
        return None
    last = int(ends[-1])
    first = max(last - int(_PEAK_S / wave.dt_s), 0)
    peak = float(np.max(np.abs(values[first:last])))
    threshold = max(before.noise_threshold, SHARE_OF_PEAK * peak)
    return Onset(wave.t0_s + wave.dt_s * first, threshold, peak)


def _level(
    wave: Waveform, shape: ResidualShape, edge: Edge, reaction_s: float, frequency_hz: float
) -> tuple[float, Budget]:
    """Return the level at the end, and what it moved by while the unit reacted as a component."""
    first = max(edge.t_s - reaction_s, 0.0)
    levels = residual_levels(wave, shape, first, edge.t_s, frequency_hz)
    if levels.size == 0:
        return math.nan, Budget(wave.unit)
    value = float(levels[-1])
    moved = max(value - float(np.min(levels)), 0.0)
    scatter = float(np.std(np.diff(levels))) / math.sqrt(2.0) if levels.size > 2 else 0.0
    components = (
        *averaged_components(wave.between(first, edge.t_s), value),
        Component("noise", "A", "normal", scatter, 1.0, max(levels.size - 2.0, 1.0)),
        Component.within("rise of the level while the unit reacted", moved),
    )
    return value, Budget(wave.unit, components)
