"""The residual network: what its relays put between a socket's conductors and earth.

There is one for all sockets; the point-on-wave trigger's branch of a socket puts it on that socket
(controller.md section 4; resistors of 0.1 %, an 8-bit ladder of 0.25 mA steps at 230 V).
"""

from __future__ import annotations

import cmath
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from rig.virtual.network.plant import Plant

__all__ = ["ResidualPath", "path_through"]

Array = NDArray[np.float64]

_RESISTORS_OHM = {
    "residual_16k2": 16_200.0,
    "residual_7k32": 7_320.0,
    "residual_3k65": 3_650.0,
    "residual_1k47": 1_470.0,
}
_LADDER_STEP_S = 0.25e-3 / 230.0
_LADDER = {f"residual_ladder_{1 << n}": 1 << n for n in range(8)}
_DIRECT_A = {
    "residual_dc_2ma9": 0.0029,
    "residual_dc_6ma2": 0.0062,
    "residual_dc_62ma": 0.062,
}
_FIRES_DEG = {"residual_from_90": 90.0, "residual_from_135": 135.0}


@dataclass(frozen=True, slots=True)
class ResidualPath:
    """The network as its relays stand: what a closed branch puts between a socket and earth."""

    conductance_s: float = 0.0
    direct_a: float = 0.0
    """From the isolated source, with its sign; it flows whatever the voltage is."""
    polarity: int = 0
    """The half-waves that pass: 1 positive, -1 negative, 0 both."""
    fires_deg: float = 0.0
    """From which angle of its half-wave on a half-wave passes."""
    from_neutral: bool = False

    def earthed(self, voltage_v: Array, phase: Array, share: float | Array) -> Array:
        """Return the current at a socket of this voltage and phase (in cycles, 0 to 1).

        ``share`` is what is left of the output while it fades.
        """
        direct = np.full(voltage_v.size, self.direct_a) * share
        if self.from_neutral or self.conductance_s == 0.0:
            return direct
        return direct + self.conductance_s * voltage_v * self._passing(voltage_v, phase)

    def floating(self, plant: Plant, phase: Array) -> Array:
        """Return what closes through the capacitances of line and neutral against earth.

        Half-waves and direct current find no way back.
        """
        if self.polarity or self.conductance_s == 0.0:
            return np.zeros(phase.size)
        capacitive = 2j * pi * plant.frequency_hz * plant.earth_capacitance_f
        through = self.conductance_s * capacitive / (self.conductance_s + 2.0 * capacitive)
        peak_a = sqrt(2.0) * plant.open_voltage_v * abs(through)
        sign = -1.0 if self.from_neutral else 1.0
        return sign * peak_a * np.sin(2.0 * pi * phase + cmath.phase(through))

    def burns(self) -> bool:
        """Say whether the current may go on as an arc: the isolated source feeds none."""
        return self.direct_a == 0.0

    def _passing(self, voltage_v: Array, phase: Array) -> Array | float:
        if not self.polarity and not self.fires_deg:
            return 1.0
        within = np.mod(phase, 0.5) >= self.fires_deg / 360.0 - 1e-9
        passing = within & (voltage_v * self.polarity >= 0.0)
        return passing.astype(np.float64)


def path_through(inserted: frozenset[str]) -> ResidualPath | None:
    """Return the network that these contacts make; None = nothing conducts."""
    ladder = sum(step for name, step in _LADDER.items() if name in inserted)
    resistors = sum(1.0 / ohm for name, ohm in _RESISTORS_OHM.items() if name in inserted)
    direct_a = sum(amps for name, amps in _DIRECT_A.items() if name in inserted)
    conductance_s = resistors + ladder * _LADDER_STEP_S
    if conductance_s == 0.0 and direct_a == 0.0:
        return None
    polarity = ("residual_positive" in inserted) - ("residual_negative" in inserted)
    return ResidualPath(
        conductance_s=conductance_s,
        direct_a=-direct_a if polarity < 0 else direct_a,
        polarity=polarity,
        fires_deg=max((deg for name, deg in _FIRES_DEG.items() if name in inserted), default=0.0),
        from_neutral="residual_neutral" in inserted,
    )
