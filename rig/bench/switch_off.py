"""When an output goes off after an edge that is known: the last of its voltage and its current."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from rig.bench.wave import CURRENT, VOLTAGE
from rig.measure import (
    Budget,
    Capture,
    Component,
    Evidence,
    Measurement,
    NoTripSeen,
    StimulusProof,
    Waveform,
)
from rig.measure.runs import debounce_samples, quiet_after, runs_above, sustained_peak

__all__ = ["SECOND_CONTACT", "Instant", "off_at", "time_to_off"]

_GONE = 0.08
"""Of the peak before the edge; what is below it is nobody's voltage."""
_CUT_OFF = 1.5
"""So far above what counts as gone, the last sample is no flank of a zero."""
_QUIET_CYCLES = 1.5
_SUSTAINED_S = 1e-3


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant in s after the trigger, and how far off it may be."""

    t_s: float
    within_s: float


SECOND_CONTACT = Instant(0.0, 1e-3)
"""The edge of what a relay puts in whose second contact has triggered: they move so close."""


def off_at(capture: Capture, *, after_s: float) -> Instant | None:
    """Return when the last of a socket's voltage and current ended; None = not in the record."""
    ends = [_end(capture, name, after_s) for name in (VOLTAGE, CURRENT)]
    found = [end for end in ends if end is not None]
    return max(found, key=lambda end: end.t_s) if len(found) == len(ends) else None


def time_to_off(
    capture: Capture,
    name: str,
    edge: Instant,
    prove: Callable[[float], StimulusProof],
    problems: tuple[str, ...] = (),
) -> Measurement | NoTripSeen:
    """Measure from an edge to the end of voltage and current; ``prove`` up to an instant."""
    evidence = Evidence(capture.capture_id, capture.instruments)
    problems = (*capture.problems_of(VOLTAGE, CURRENT), *_gone_before(capture, edge), *problems)
    end = off_at(capture, after_s=edge.t_s)
    if end is None:
        until_s = capture.waveform(VOLTAGE).end_s
        watched_s = until_s - edge.t_s
        u_s = capture.u_time_base * watched_s + edge.within_s
        return NoTripSeen(name, watched_s, evidence, problems, prove(until_s), u_s)
    value_s = end.t_s - edge.t_s
    budget = Budget(
        "s",
        (
            Component.within("edge of the stimulus", edge.within_s),
            Component.within("end of voltage and current", end.within_s),
            Component.within("sampling", capture.waveform(VOLTAGE).dt_s),
            Component("time base", "B", "normal", capture.u_time_base, value_s),
        ),
    )
    return Measurement(
        name, value_s, "s", budget, evidence, problems, prove(end.t_s),
        onset_s=edge.t_s, end_s=end.t_s,
    )  # fmt: skip


def _gone_before(capture: Capture, edge: Instant) -> tuple[str, ...]:
    """Name what had ended half a cycle and more before an edge: it was not the edge that did it."""
    until_s = edge.t_s - edge.within_s
    found = []
    for wave in (capture.waveform(VOLTAGE), capture.waveform(CURRENT)):
        level = _GONE * _peak(wave.between(wave.t0_s, min(edge.t_s, 0.0)))
        near = wave.between(max(until_s - 0.5 / capture.nominal_hz, wave.t0_s), until_s)
        if _peak(near) < level:
            found.append(f"{wave.name}: was off before the stimulus")
    return tuple(found)


def _end(capture: Capture, name: str, after_s: float) -> Instant | None:
    """Return the end of a wave: where it was cut off, or about the zero after its last sample."""
    wave, nominal_hz = capture.waveform(name), capture.nominal_hz
    level = _GONE * _peak(wave.between(wave.t0_s, min(after_s, 0.0)))
    rest = wave.between(after_s, wave.end_s)
    starts, ends = runs_above(rest.values, level, debounce_samples(rest.dt_s))
    if not ends.size:
        return Instant(after_s, rest.dt_s)
    gap = int(_QUIET_CYCLES / nominal_hz / rest.dt_s)
    last, quiet = quiet_after(starts, ends, size=rest.values.size, longest_gap=gap)
    if quiet < gap:
        return None
    last_s = rest.t0_s + rest.dt_s * (last - 1)
    if abs(rest.values[last - 1]) > _CUT_OFF * level:
        return Instant(last_s + rest.dt_s / 2.0, rest.dt_s)
    peak = max(_peak(wave.between(last_s - 1.0 / nominal_hz, last_s)), level)
    to_zero_s = math.asin(min(level / peak, 1.0)) / (2.0 * math.pi * nominal_hz)
    return Instant(last_s + to_zero_s, to_zero_s)


def _peak(wave: Waveform) -> float:
    return sustained_peak(wave.values, max(int(_SUSTAINED_S / wave.dt_s), 1))
