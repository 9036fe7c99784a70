"""Make captures of residual-current trips whose true times are known.

Residual current and socket voltage of a two-pole relay: the line pole ends the current, the
neutral pole the voltage. Errors are drawn from the distributions that the capture states.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rig.measure.waveform import Calibration, Capture, Trigger, Waveform

__all__ = ["RESIDUAL_KINDS", "ResidualKind", "TrueResidualTrip", "random_residual_trip"]

_Floats = NDArray[np.float64]
_Current = Callable[[_Floats], _Floats]

ResidualKind = Literal["ac", "pulsating 0", "pulsating 90", "pulsating 135", "dc"]
RESIDUAL_KINDS: tuple[ResidualKind, ...] = (
    "ac",
    "pulsating 0",
    "pulsating 90",
    "pulsating 135",
    "dc",
)

_U_TIME_BASE = 10e-6
_U_TRIGGER_S = 10e-6
_VOLTAGE_V = 325.0
_POLES_APART_S = 2e-3
_SLOPE_S = 50e-6
_SEEN = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class TrueResidualTrip:
    """A capture of ``residual_current`` and ``socket_voltage``, and what really happened in it."""

    kind: ResidualKind
    capture: Capture
    trip_time_s: float
    onset_s: float
    end_s: float
    frequency_hz: float


def random_residual_trip(
    rng: np.random.Generator, kind: ResidualKind, *, rate_hz: float = 100e3
) -> TrueResidualTrip:
    """Draw one trip: level, polarity, closing angle, trip time, and how far the poles are apart."""
    frequency = float(rng.uniform(49.75, 50.25))
    peak = float(10.0 ** rng.uniform(-2.3, -0.6))
    polarity = float(rng.choice([-1.0, 1.0]))
    at = _angle(rng, kind, polarity)

    def voltage(t: _Floats) -> _Floats:
        return np.asarray(_VOLTAGE_V * np.sin(2.0 * math.pi * frequency * t + at))

    def current(t: _Floats) -> _Floats:
        shape = _shape(kind, polarity, 2.0 * math.pi * frequency * t + at)
        return np.asarray(np.where(t >= 0.0, peak * shape, 0.0))

    onset = _first(current)
    parted = onset + float(rng.uniform(0.012, 0.3))
    current_ends = parted if kind == "dc" else _ends(current, parted)
    apart = float(rng.choice([0.0, rng.uniform(0.0, _POLES_APART_S)]))
    voltage_ends = (current_ends if kind == "ac" else max(current_ends, parted)) + apart
    ends = max(current_ends, voltage_ends)

    pace = 1.0 + float(rng.normal(0.0, _U_TIME_BASE))
    late = float(rng.normal(0.0, _U_TRIGGER_S))
    dt = 1.0 / rate_hz
    count = round((0.18 + ends) * rate_hz)
    first = -0.1 + float(rng.uniform(0.0, dt))
    shown = first + dt * np.arange(count, dtype=np.float64)
    t = (shown + late) / pace
    flowed = current(t) * _switched(rng, t, onset, current_ends)
    stood = voltage(t) * _switched(rng, t, -1.0, voltage_ends)
    waves = (
        _wave(rng, "residual_current", "A", shown, flowed, 1.6 * peak),
        _wave(rng, "socket_voltage", "V", shown, stood, 625.0),
    )
    capture = Capture(
        "synthetic",
        waves,
        Trigger("stimulus", _U_TRIGGER_S),
        date(2025, 1, 1),
        (Calibration("scope", date(2026, 1, 1)),),
        u_time_base=_U_TIME_BASE,
    )
    began = onset if kind.startswith("pulsating") else 0.0
    return TrueResidualTrip(kind, capture, ends - began, onset, ends, frequency)


def _angle(rng: np.random.Generator, kind: ResidualKind, polarity: float) -> float:
    """Draw a closing angle at which the first current is more than the tail of a half-wave."""
    while True:
        at = math.radians(float(rng.choice([0.0, 90.0, 180.0, rng.uniform(0.0, 360.0)])))
        flows = np.abs(_shape(kind, polarity, at + np.linspace(0.0, 2.0 * math.pi, 1000)))
        first = int(np.argmax(flows > 0.0))
        if np.max(flows[first : first + 30]) > _SEEN:
            return at


def _shape(kind: ResidualKind, polarity: float, phase: _Floats) -> _Floats:
    """Return the current over its peak: a sine, half-waves cut at an angle, or a constant."""
    if kind == "ac":
        return np.asarray(np.sin(phase))
    if kind == "dc":
        return np.full_like(phase, polarity)
    cut = math.radians(float(kind.split()[1]))
    turn = np.mod(phase + (math.pi if polarity < 0.0 else 0.0), 2.0 * math.pi)
    conducts = (turn >= cut) & (turn <= math.pi)
    return np.asarray(polarity * np.where(conducts, np.sin(turn), 0.0))


def _first(current: _Current) -> float:
    t = np.arange(0.0, 0.021, 1e-6)
    return float(t[int(np.argmax(np.abs(current(t)) > 1e-12))])


def _ends(current: _Current, parted_s: float) -> float:
    """Return the zero that ends a current when its contact parts, or ended it before."""
    t = parted_s + np.arange(-0.021, 0.011, 1e-6)
    flowing = np.abs(current(t)) > 1e-12
    flowing[1:] &= current(t)[1:] * current(t)[:-1] >= 0.0
    at = int(np.searchsorted(t, parted_s))
    if flowing[at]:
        return float(t[at + int(np.argmin(flowing[at:]))])
    return float(t[at - int(np.argmax(flowing[at::-1])) + 1])


def _switched(rng: np.random.Generator, t: _Floats, on_s: float, off_s: float) -> _Floats:
    """Return 0 before and after, 1 between, with slopes of switches inside."""
    up_s, down_s = rng.uniform(1e-6, _SLOPE_S, 2)
    rising, falling = (t - on_s) / up_s, (off_s - t) / down_s
    return np.asarray(np.clip(np.minimum(rising, falling), 0.0, 1.0))


def _wave(
    rng: np.random.Generator, name: str, unit: str, shown: _Floats, true: _Floats, scale: float
) -> Waveform:
    """Digitise a waveform on a screen of eight divisions, ``scale`` up and down from its middle."""
    step, zero = 2.0 * scale / 199.0, 0.005 * scale
    gain = 1.0 + 0.005 * float(rng.standard_normal())
    noisy = gain * true + 0.006 * scale * rng.standard_normal(true.size)
    values = step * np.round((noisy + zero * float(rng.standard_normal())) / step)
    dt = float(shown[1] - shown[0])
    return Waveform(float(shown[0]), dt, values, unit, name, step, u_gain=0.005, u_offset=zero)
