"""Residual current in time, socket by socket; too small to load the source, which ignores it."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from rig.virtual.network.plant import Plant
from rig.virtual.network.residual import ResidualPath, path_through
from rig.virtual.network.state import Circuit
from rig.virtual.network.wiring import Wiring
from rig.virtual.unit.contract import SOCKETS

__all__ = ["NO_RESIDUAL", "EarthFault", "ResidualMeans", "Three", "earth_fault", "residual_means"]

Array = NDArray[np.float64]
Three = tuple[Array, Array, Array]


@dataclass(frozen=True, slots=True)
class EarthFault:
    """The residual network on the sockets whose branch and line pole are closed."""

    path: ResidualPath
    at: tuple[bool, bool, bool]
    floating: bool
    """The output's neutral is not earthed."""

    def currents(
        self, plant: Plant, voltages_v: Three, phase: Array, share: float | Array
    ) -> Three:
        """Return each socket's residual current; ``share`` = what is left of a fading output."""
        a, b, c = (
            self._current(plant, voltage_v, phase, share) if here else np.zeros(phase.size)
            for here, voltage_v in zip(self.at, voltages_v, strict=True)
        )
        return a, b, c

    def _current(self, plant: Plant, voltage_v: Array, phase: Array, share: float | Array) -> Array:
        if self.floating:
            return self.path.floating(plant, phase) * share
        return self.path.earthed(voltage_v, phase, share)


@dataclass(frozen=True, slots=True)
class ResidualMeans:
    """A residual current over one period: RMS, mean, and mean of its magnitude, in A."""

    rms_a: float = 0.0
    mean_a: float = 0.0
    magnitude_a: float = 0.0


NO_RESIDUAL = (ResidualMeans(), ResidualMeans(), ResidualMeans())


def earth_fault(circuit: Circuit, wiring: Wiring) -> EarthFault | None:
    """Return what the closed residual branches make; None = no residual current can flow."""
    mask = circuit.branches & wiring.residuals()
    path = path_through(circuit.inserted) if mask else None
    if path is None:
        return None
    closed = {b.socket for bit, b in enumerate(wiring.branches) if mask >> bit & 1}
    lines = zip(SOCKETS, circuit.conducting, circuit.line_alone, strict=True)
    a, b, c = (name in closed and (both or line) for name, both, line in lines)
    return EarthFault(path, (a, b, c), wiring.earthing == "it") if a or b or c else None


def residual_means(
    currents: Three | None,
) -> tuple[ResidualMeans, ResidualMeans, ResidualMeans]:
    """Return what one whole period of each socket's residual current amounts to."""
    if currents is None:
        return NO_RESIDUAL
    a, b, c = (_means(each) for each in currents)
    return a, b, c


def _means(current: Array) -> ResidualMeans:
    mean = float(np.mean(current))
    return ResidualMeans(hypot(float(np.std(current)), mean), mean, float(np.mean(abs(current))))
