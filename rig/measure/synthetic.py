"""Make captures of trips whose true times are known, to prove the measuring code against.

Every instrument error is drawn from the distribution that the capture states for it.
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

__all__ = ["KINDS", "Kind", "TrueTrip", "random_trip"]

_Floats = NDArray[np.float64]
_Signal = Callable[[_Floats], _Floats]

Kind = Literal["relay", "electronic", "rectifier", "inductive", "short circuit", "direct"]
KINDS: tuple[Kind, ...] = (
    "relay",
    "electronic",
    "rectifier",
    "inductive",
    "short circuit",
    "direct",
)

_U_TIME_BASE = 10e-6
_U_SKEW_S = 2e-6
_U_TRIGGER_S = 20e-6
_CONDUCTION = 0.6
"""A rectifier conducts above this share of the voltage's peak: crest factor 2.7."""


@dataclass(frozen=True, slots=True, eq=False)
class TrueTrip:
    """A capture, and what really happened in it."""

    kind: Kind
    capture: Capture
    trip_time_s: float
    onset_s: float
    """True onset on the capture's own time base (before its errors)."""
    end_s: float
    based: bool
    triggered: bool
    frequency_hz: float


def random_trip(
    rng: np.random.Generator,
    kind: Kind,
    *,
    rate_hz: float = 100e3,
    noise: float | None = None,
    with_voltage: bool | None = None,
) -> TrueTrip:
    """Draw one trip: base current, angle, amplitude, crest factor, noise, kind of end.

    ``noise`` is in shares of full scale (0.3 to 1 % when drawn).
    """
    frequency = float(rng.uniform(49.75, 50.25))
    triggered = bool(rng.random() < 0.5)
    angle = _angle(rng)
    stimulus, peak = _stimulus(rng, kind, frequency, angle)
    while _unseen(stimulus, peak, triggered):
        angle = _angle(rng)
        stimulus, peak = _stimulus(rng, kind, frequency, angle)
    based = bool(rng.random() < 0.5) and kind not in ("direct", "short circuit")
    base, base_peak = _base(rng, kind, frequency, peak, angle) if based else (np.zeros_like, 0.0)

    def total(t: _Floats) -> _Floats:
        return base(t) + stimulus(t)

    onset = _first_current(stimulus)
    drawn = onset + float(_duration(rng, kind))
    end = drawn if kind in ("electronic", "short circuit", "direct") else _next_zero(total, drawn)

    shift = 0.0 if triggered else float(rng.uniform(-4e-3, 0.0)) - onset
    trigger_error = float(rng.normal(0.0, _U_TRIGGER_S)) if triggered else 0.0
    skew = float(rng.normal(0.0, _U_SKEW_S)) if triggered else 0.0
    pace = 1.0 + float(rng.normal(0.0, _U_TIME_BASE))

    dt = 1.0 / rate_hz
    count = round((0.12 + end - onset + 0.06) * rate_hz)
    first = -0.12 + float(rng.uniform(0.0, dt))
    shown = first + dt * np.arange(count, dtype=np.float64)
    t = (shown + trigger_error - skew) / pace - shift
    clean = np.where(t < end, base(t) + np.where(t >= 0.0, stimulus(t), 0.0), 0.0)

    share = float(rng.uniform(0.003, 0.01)) if noise is None else noise
    scale = 1.25 * (peak + base_peak)
    resolution = 2.0 * scale / 4096.0
    values = _measured(rng, clean, share * scale, resolution)
    waves = [Waveform(first, dt, values, "A", "current", resolution, u_offset=1e-3 * scale)]
    if rng.random() < 0.5 if with_voltage is None else with_voltage:
        volts = 325.0 * np.sin(2.0 * math.pi * frequency * t + 0.3)
        waves.append(Waveform(first, dt, _measured(rng, volts, 2.0, 0.2), "V", "voltage", 0.2))
    trigger = Trigger("stimulus", _U_TRIGGER_S) if triggered else Trigger("level")
    capture = Capture(
        "synthetic",
        tuple(waves),
        trigger,
        date(2025, 1, 1),
        (Calibration("scope", date(2026, 1, 1)),),
        u_time_base=_U_TIME_BASE,
        u_skew_s=_U_SKEW_S,
    )
    return TrueTrip(
        kind,
        capture,
        end - (0.0 if triggered else onset),
        onset + shift,
        end + shift,
        based,
        triggered,
        frequency,
    )


def _measured(rng: np.random.Generator, clean: _Floats, sigma: float, step: float) -> _Floats:
    return np.asarray(np.round((clean + rng.normal(0.0, sigma, clean.size)) / step) * step)


def _duration(rng: np.random.Generator, kind: Kind) -> float:
    if kind == "short circuit":
        return float(rng.uniform(0.5e-3, 2e-3))
    return float(rng.choice([rng.uniform(5e-3, 45e-3), rng.uniform(45e-3, 300e-3)]))


def _angle(rng: np.random.Generator) -> float:
    """Draw the angle of the voltage at closing, in rad."""
    named = rng.choice([0.0, 45.0, 90.0, 180.0, 270.0, rng.uniform(0.0, 360.0)])
    return math.radians(float(named))


def _stimulus(
    rng: np.random.Generator, kind: Kind, frequency: float, at: float
) -> tuple[_Signal, float]:
    """Return the current that the stimulus adds from t = 0 on, and its peak."""
    w = 2.0 * math.pi * frequency
    peak = float(10.0 ** rng.uniform(-1.5, 2.0))
    if kind == "short circuit":
        return (lambda t: np.clip(3250.0 * np.sin(w * t + at), -80.0, 80.0)), 80.0
    if kind == "direct":
        return (lambda t: np.full_like(t, peak)), peak
    if kind == "rectifier":
        threshold = _CONDUCTION
        return (lambda t: peak * _pulses(np.sin(w * t + at), threshold)), peak
    lag = float(rng.uniform(0.5, 1.3)) if kind == "inductive" else _lag(rng)
    if kind == "inductive":
        decay = w / math.tan(lag)
        offset = math.sin(at - lag)
        return (
            lambda t: peak * (np.sin(w * t + at - lag) - offset * np.exp(-decay * np.maximum(t, 0)))
        ), peak
    return (lambda t: peak * np.sin(w * t + at - lag)), peak


def _lag(rng: np.random.Generator) -> float:
    return math.radians(float(rng.choice([0.0, 0.0, 60.0, -25.8])))


def _base(
    rng: np.random.Generator, kind: Kind, frequency: float, peak: float, at: float
) -> tuple[_Signal, float]:
    w, height = 2.0 * math.pi * frequency, peak * float(rng.uniform(0.2, 0.8))
    if rng.random() < 0.5:
        lag = 0.0 if kind == "rectifier" else _lag(rng)
        return (lambda t: height * np.sin(w * t + at - lag)), height
    return (lambda t: height * _pulses(np.sin(w * t + at), _CONDUCTION)), height


def _pulses(sine: _Floats, threshold: float) -> _Floats:
    """Return the current of a rectifier: it flows only near the peaks of the voltage."""
    above = np.maximum(np.abs(sine) - threshold, 0.0) / (1.0 - threshold)
    return np.asarray(np.sign(sine) * above)


def _first_current(stimulus: _Signal) -> float:
    """Return when the stimulus first draws current at or after its switching."""
    t = np.arange(0.0, 0.02, 1e-6)
    flowing = np.abs(stimulus(t)) > 1e-12
    first = int(np.argmax(flowing))
    return float(t[first]) if first > 1 else 0.0


def _unseen(stimulus: _Signal, peak: float, triggered: bool) -> bool:
    """Say whether the first current is too short to be seen, or comes long after the trigger."""
    first = _first_current(stimulus)
    soon = np.abs(stimulus(np.arange(first, first + 2e-3, 1e-5)))
    return float(np.max(soon)) < 0.12 * peak or (triggered and first > 0.0)


def _next_zero(total: _Signal, after_s: float) -> float:
    """Return the first zero of the current at or after an instant, to 0.1 us."""
    t = after_s + np.arange(0.0, 0.025, 1e-7)
    current = total(t)
    if abs(float(current[0])) < 1e-12:
        back = after_s - np.arange(0.0, 0.025, 1e-7)
        return float(back[int(np.argmax(np.abs(total(back)) > 1e-12))])
    zero = np.flatnonzero((current[1:] * current[:-1] < 0.0) | (np.abs(current[1:]) < 1e-12))
    return float(t[int(zero[0]) + 1])
