"""The residual-current channels: converter, sliding window, hand-over between time scales.

While no residual current flows, and none did within the last 20 ms, the channels show their own
offset and noise and nothing is computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.virtual.unit.contract import SampledInputs, SteadyInputs
from rig.virtual.unit.parameters import SensorParameters
from rig.virtual.unit.residual_readings import ResidualReadings, readings_of
from rig.virtual.unit.streams import stream
from rig.virtual.unit.window import BINS, BlockSums, Rows, SlidingWindow

__all__ = ["ResidualBlock", "ResidualSensing"]

Floats = NDArray[np.float64]
Sensors = tuple[SensorParameters, SensorParameters, SensorParameters]

_FULL_SCALE = 2048.0
_ROUNDING_VARIANCE = 1.0 / 12.0
_POOL = 1 << 14
_PERIOD_TICKS = 20.0


def _fill(codes: Floats, rows: Floats) -> None:
    np.multiply(codes, codes, out=rows[:3])
    rows[3:6] = codes
    np.abs(codes, out=rows[6:])


_ROWS = Rows(3, 9, _fill, centred=(3, 6))


@dataclass(frozen=True, slots=True, eq=False)
class ResidualBlock:
    """What the channels made of a block; ``sums`` is None while they are quiet."""

    readings: ResidualReadings
    sums: BlockSums | None
    flowing: bool


class ResidualSensing:
    """Three sensors of 12 bit over plus and minus their range."""

    def __init__(self, sensors: Sensors, seed: int) -> None:
        self._lsb: Floats = np.array([each.range for each in sensors]) / _FULL_SCALE
        self._scale: Floats = np.array([each.gain for each in sensors]) / self._lsb
        self._offset: Floats = np.array([each.offset for each in sensors]) / self._lsb
        self._noise: Floats = np.array([each.noise for each in sensors]) / self._lsb
        self._pool = np.stack([self._draw(n, seed) for n in range(len(sensors))])
        self._window = SlidingWindow(_ROWS)
        self._quiet_means = self._means(SteadyInputs(0, 0, 0, 0, _NONE, _NONE, _NONE, 0, 0, 0))
        self._quiet = readings_of(self._quiet_means, self._lsb)
        self._lived: Floats = self._quiet_means
        self._ticks_without = BINS
        self._sampling = False

    def steady(self, inputs: SteadyInputs) -> ResidualReadings:
        """Return the readings that long blocks of these inputs would settle at."""
        if not any(inputs.residual_rms_a):
            return self._quiet
        return readings_of(self._means(inputs), self._lsb)

    def live_steady(self, inputs: SteadyInputs) -> None:
        """Take note that a steady stretch with these inputs has been lived through."""
        flowing = any(inputs.residual_rms_a)
        self._lived = self._means(inputs) if flowing else self._quiet_means
        self._ticks_without = 0 if flowing else BINS
        self._sampling = False

    def take(
        self, inputs: SampledInputs, sample: int, count: int, tick: int, ticks: int
    ) -> ResidualBlock:
        """Look at ``count`` samples from ``sample`` on, after ``tick``; keeps nothing."""
        flowing = inputs.residual_current_a is not None
        if not flowing and self._ticks_without >= BINS:
            return ResidualBlock(self._quiet, None, flowing)
        if not self._sampling or self._window.next_sample != sample:
            self._window.resume(tick, sample, self._lived, _PERIOD_TICKS)
            self._sampling = True
        sums = self._window.add(self._codes(inputs, sample, count), ticks)
        return ResidualBlock(readings_of(sums.means, self._lsb), sums, flowing)

    def keep(self, block: ResidualBlock, ticks: int, *, whole: bool) -> None:
        """Move on by so many ticks of a block, or through the whole of it."""
        if block.sums is None:
            self._lived, self._sampling = self._quiet_means, False
            return
        self._window.keep(block.sums, ticks, whole=whole)
        self._ticks_without = 0 if block.flowing else self._ticks_without + ticks

    def settled(self, allowed: float) -> bool:
        """Say whether no RMS in the window still changes by more than this share."""
        if not self._sampling or self._ticks_without >= BINS:
            return True
        return bool((self._window.spread() <= allowed).all())

    def _codes(self, inputs: SampledInputs, first: int, count: int) -> Floats:
        noise = self._pool[:, (first + np.arange(count)) % _POOL]
        # The circuit's rounding may leave a block of one sample empty: nothing is known of it.
        if inputs.residual_current_a is None or not inputs.t_s.size:
            codes = noise
        else:
            true = np.stack(inputs.residual_current_a)
            shift = first - round(float(inputs.t_s[0]) * 1e5)
            if shift or true.shape[1] != count:
                true = true[:, np.clip(np.arange(count) + shift, 0, true.shape[1] - 1)]
            codes = true * self._scale[:, None] + noise
        np.rint(codes, out=codes)
        return np.clip(codes, -_FULL_SCALE, _FULL_SCALE - 1.0, out=codes)

    def _means(self, inputs: SteadyInputs) -> Floats:
        """Return what the window's rows settle at, in codes."""
        rms, mean, magnitude = (
            np.array(each) * self._scale
            for each in (
                inputs.residual_rms_a,
                inputs.residual_mean_a,
                inputs.residual_magnitude_a,
            )
        )
        seen = mean + self._offset
        noise = self._noise**2 + _ROUNDING_VARIANCE
        squares = rms**2 + 2.0 * mean * self._offset + self._offset**2 + noise
        least = np.abs(self._offset) + np.sqrt(2.0 / np.pi * noise)
        return np.concatenate((squares, seen, np.maximum(magnitude, least)))

    def _draw(self, channel: int, seed: int) -> Floats:
        drawn = stream(f"unit/noise/residual_{'abc'[channel]}", seed).standard_normal(_POOL)
        pool: Floats = drawn * self._noise[channel] + self._offset[channel]
        return pool


_NONE = (0.0, 0.0, 0.0)
