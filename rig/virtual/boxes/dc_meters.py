"""The meters of a bidirectional DC supply: what it shows of its own terminals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rig.virtual.boxes.meter import Meter, MeterClass
from rig.virtual.ports import SupplyReading

__all__ = ["DcMeters", "DcShown", "SupplyRating"]

_GAIN = 5e-4
_OFFSET = 1e-4
_NOISE = 2e-5
"""By full scale; no data sheet's, they stand in for the boxes' own."""


@dataclass(frozen=True, slots=True)
class SupplyRating:
    """Nominal values in both directions."""

    voltage_v: float
    current_a: float
    power_w: float


@dataclass(frozen=True, slots=True)
class DcShown:
    """What the meters show; negative current and power flow into the box."""

    voltage_v: float
    current_a: float
    power_w: float


class DcMeters:
    """Volts and amps of one specimen; watts are their product."""

    def __init__(self, rng: np.random.Generator, rating: SupplyRating) -> None:
        volts, amps = (
            MeterClass(gain=_GAIN, offset=_OFFSET * full_scale, noise=_NOISE * full_scale)
            for full_scale in (rating.voltage_v, rating.current_a)
        )
        self._volts, self._amps = Meter(rng, volts), Meter(rng, amps)

    def read(self, true: SupplyReading) -> DcShown:
        """Return one reading of what stands at the terminals."""
        volts, amps = self._volts.read(true.voltage_v), self._amps.read(true.current_a)
        return DcShown(volts, amps, volts * amps)

    def steady(self, true: SupplyReading) -> DcShown:
        """Return the mean of many readings."""
        volts, amps = self._volts.steady(true.voltage_v), self._amps.steady(true.current_a)
        return DcShown(volts, amps, volts * amps)
