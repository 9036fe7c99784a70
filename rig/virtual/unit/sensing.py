"""The analogue inputs: gain, offset, noise and 12-bit rounding of five AC channels.

Noise comes from a pool drawn once per channel and is taken by the absolute number of the sample,
so a block that is cut and computed anew is seen through the same noise.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rig.virtual.unit.contract import SampledInputs, SteadyInputs
from rig.virtual.unit.parameters import Parameters, SensorParameters
from rig.virtual.unit.streams import stream
from rig.virtual.unit.ticks import SAMPLE_RATE_HZ

__all__ = ["CHANNELS", "CURRENTS", "VOLTAGE", "Sensing", "first_sample", "stacked"]

VOLTAGE = 0
CURRENTS = slice(1, 5)
CHANNELS = ("ac_voltage", "ac_current", "socket_a", "socket_b", "socket_c")
_POOL = 1 << 16
_SPARE = 1 << 12
_FULL_SCALE = 2048.0
_ROUNDING_VARIANCE = 1.0 / 12.0

Floats = NDArray[np.float64]


def first_sample(t_s: float) -> int:
    """Return the number of the first 10 us sample that is not before ``t_s``."""
    return math.ceil(t_s * SAMPLE_RATE_HZ - 1e-2)


def stacked(inputs: SampledInputs) -> Floats:
    """Return the five AC channels as rows, in the order of ``CHANNELS``."""
    return np.stack((inputs.ac_voltage_v, inputs.ac_current_a, *inputs.socket_current_a))


class Sensing:
    """Turn true values into what the converter delivers, in codes of one least significant bit."""

    def __init__(self, parameters: Parameters, seed: int) -> None:
        sensors = (
            parameters.ac_voltage,
            parameters.ac_current,
            *(socket.current for socket in parameters.sockets),
        )
        self.lsb: Floats = np.array([sensor.range / _FULL_SCALE for sensor in sensors])
        self.gain: Floats = np.array([sensor.gain for sensor in sensors])
        self._scale = (self.gain / self.lsb)[:, None]
        self._offset: Floats = np.array([each.offset for each in sensors]) / self.lsb
        self._noise: Floats = np.array([each.noise for each in sensors]) / self.lsb
        self._pool = np.stack([self._draw(n, seed) for n in range(len(sensors))])
        self._dc = (parameters.dc_voltage, parameters.dc_current)
        self._heatsink, self._supply = parameters.heat.sensor, parameters.supply.sensor
        self._outlets = tuple(outlet.voltage for outlet in parameters.outlets)

    def digitise(self, true: Floats, first: int) -> Floats:
        """Return the codes of the samples ``first`` on; whole numbers, so their sums are exact."""
        count = true.shape[1]
        start = first % _POOL
        if count <= _SPARE:
            noise = self._pool[:, start : start + count]
        else:
            noise = self._pool[:, (start + np.arange(count)) % _POOL]
        codes = true * self._scale
        codes += noise
        np.rint(codes, out=codes)
        np.clip(codes, -_FULL_SCALE, _FULL_SCALE - 1.0, out=codes)
        return codes

    def steady_squares(self, inputs: SteadyInputs) -> Floats:
        """Return the mean square of each channel's codes, as long blocks would give it."""
        true = np.array([inputs.ac_voltage_v, inputs.ac_current_a, *inputs.socket_current_a])
        signal = (true * self._scale[:, 0]) ** 2
        squares: Floats = signal + self._offset**2 + self._noise**2 + _ROUNDING_VARIANCE
        return squares

    def steady_products(self, inputs: SteadyInputs) -> Floats:
        """Return the mean product of voltage and each current, in codes."""
        true = np.array([inputs.ac_power_w, *inputs.socket_power_w])
        scale = self._scale[:, 0]
        offsets = self._offset[VOLTAGE] * self._offset[CURRENTS]
        products: Floats = true * scale[VOLTAGE] * scale[CURRENTS] + offsets
        return products

    def dc_voltage(self, true_v: float) -> float:
        """Return the pack volts the unit sees."""
        return _seen(true_v, self._dc[0])

    def dc_current(self, true_a: float) -> float:
        """Return the pack amps the unit sees, positive into the pack."""
        return _seen(true_a, self._dc[1])

    def heatsink(self, true_c: float) -> float:
        """Return the temperature of the heat sink the unit sees."""
        return _seen(true_c, self._heatsink)

    def supply_12v(self, true_v: float) -> float:
        """Return the volts of its own supply the unit sees."""
        return _seen(true_v, self._supply)

    def outlet_voltages(self, true_v: tuple[float, float, float]) -> tuple[float, float, float]:
        """Return the volts behind each relay that the unit sees; a detector knows no sign."""
        a, b, c = (abs(_seen(v, each)) for v, each in zip(true_v, self._outlets, strict=True))
        return a, b, c

    def _draw(self, channel: int, seed: int) -> Floats:
        drawn = stream(f"unit/noise/{CHANNELS[channel]}", seed).standard_normal(_POOL)
        pool = drawn * self._noise[channel] + self._offset[channel]
        return np.concatenate((pool, pool[:_SPARE]))


def _seen(true: float, sensor: SensorParameters) -> float:
    # 16 times oversampled: the steps of a 12-bit converter would be 0.25 V on a pack of 400 V.
    lsb = sensor.range / _FULL_SCALE / 16.0
    return round((true * sensor.gain + sensor.offset) / lsb) * lsb
