"""A temperature transmitter with one input register, 0.1 degC a count, signed (a stand-in).

Register 0 is the only one. Every specimen has an offset of its own within 0.2 K.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rig.virtual.boxes.meter import Meter, MeterClass
from rig.virtual.modbus import Code, Refusal, Unit

__all__ = ["TemperatureTransmitter"]

_PER_DEGREE = 10
_CLASS = MeterClass(gain=0.0, offset=0.2, noise=0.02)


class TemperatureTransmitter(Unit):
    """Shows what ``temperature_c`` returns."""

    delay_s = 0.002

    def __init__(self, temperature_c: Callable[[], float], rng: np.random.Generator) -> None:
        self._temperature_c, self._meter = temperature_c, Meter(rng, _CLASS)

    def read_input(self, address: int, count: int) -> Sequence[int]:
        """Return the reading as a 16-bit word."""
        if (address, count) != (0, 1):
            raise Refusal(Code.ILLEGAL_ADDRESS)
        return [round(self._meter.read(self._temperature_c()) * _PER_DEGREE) & 0xFFFF]
