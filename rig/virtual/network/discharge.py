"""The output capacitor's free discharge through a short circuit: a series RLC, solved."""

from __future__ import annotations

from cmath import sqrt

import numpy as np
from numpy.typing import NDArray

from rig.virtual.network.plant import Plant
from rig.virtual.network.state import Discharge

__all__ = ["capacitor_current", "capacitor_voltage", "discharge_span_s"]

_TIME_CONSTANTS = 30.0


def capacitor_current(
    plant: Plant, discharge: Discharge, since_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the current in A at times since the short circuit; 0 before and long after it."""
    fast, slow = _roots(plant, discharge)
    scale = discharge.voltage_v / plant.short_h / (slow - fast)
    return _within(plant, discharge, since_s, (scale, -scale), (slow, fast))


def capacitor_voltage(
    plant: Plant, discharge: Discharge, since_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the voltage left on the capacitor in V; 0 before and long after the short circuit."""
    fast, slow = _roots(plant, discharge)
    scale = discharge.voltage_v / (slow - fast)
    return _within(plant, discharge, since_s, (-scale * fast, scale * slow), (slow, fast))


def discharge_span_s(plant: Plant, discharge: Discharge) -> float:
    """Return after how long nothing is left of the discharge."""
    return _TIME_CONSTANTS / min(-root.real for root in _roots(plant, discharge))


def _roots(plant: Plant, discharge: Discharge) -> tuple[complex, complex]:
    damping = discharge.resistance_ohm / (2.0 * plant.short_h)
    root = sqrt(damping**2 - 1.0 / (plant.short_h * plant.capacitor_f))
    if abs(root) < 1e-6 * damping:
        root = complex(1e-6 * damping)
    return -damping - root, -damping + root


def _within(
    plant: Plant,
    discharge: Discharge,
    since_s: NDArray[np.float64],
    scales: tuple[complex, complex],
    roots: tuple[complex, complex],
) -> NDArray[np.float64]:
    out = np.zeros(since_s.size)
    during = (since_s >= 0.0) & (since_s < discharge_span_s(plant, discharge))
    t = since_s[during]
    out[during] = sum(s * np.exp(r * t) for s, r in zip(scales, roots, strict=True)).real
    return out
