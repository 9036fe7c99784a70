"""The sliding 20 ms window of mean squares and mean products, moved on by each 1 ms tick.

Samples are summed into bins of one tick; the window is the last twenty bins. Through a steady
stretch the bins are left as they are: they repeat with the mains period, so on return to samples
they are turned to the new instant and scaled to the steady values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.virtual.unit.sensing import VOLTAGE
from rig.virtual.unit.ticks import SAMPLES_PER_TICK

__all__ = ["AC_ROWS", "BINS", "BlockSums", "Rows", "SlidingWindow"]

BINS = 20
_SAMPLES = BINS * SAMPLES_PER_TICK

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """What is averaged: ``squares`` mean squares, then other products of the samples."""

    squares: int
    count: int
    fill: Callable[[Floats, Floats], None]
    """Make the rows, the second argument, of the codes of a block."""
    centred: tuple[int, int] = (0, 0)
    """Rows that swing about their mean: on return to samples they are shifted to it, not scaled."""


def _squares_and_products(codes: Floats, rows: Floats) -> None:
    np.multiply(codes, codes, out=rows[:5])
    np.multiply(codes[1:], codes[VOLTAGE], out=rows[5:])


AC_ROWS = Rows(5, 9, _squares_and_products)
"""Voltage and four currents squared; voltage times each current."""


@dataclass(frozen=True, slots=True, eq=False)
class BlockSums:
    """What a block adds to the window: the bins it completes, and the one it leaves open."""

    history: Floats
    """The twenty bins before the block, then those it completes."""
    open_bin: Floats
    open_samples: int
    means: Floats
    """Of each row, by completed tick."""


class SlidingWindow:
    """Bins in code squared; nothing here depends on how the samples are cut into blocks."""

    def __init__(self, rows: Rows = AC_ROWS) -> None:
        self._rows = rows
        self._bins: Floats = np.zeros((rows.count, BINS))
        self._next_bin = 0
        self._open: Floats = np.zeros(rows.count)
        self._open_samples = 0
        self._recent: Floats = np.zeros((rows.count, BINS))

    @property
    def next_sample(self) -> int:
        """The number of the sample that would follow without a gap."""
        return self._next_bin * SAMPLES_PER_TICK + self._open_samples

    def add(self, codes: Floats, ticks: int) -> BlockSums:
        """Sum up the codes that follow, which complete ``ticks`` bins; keeps nothing yet.

        A block may end between a bin's last sample and its tick: the bin then stays open, full.
        """
        sums = self._bin_sums(codes, ticks)
        history = np.concatenate((self._bins, sums[:, :ticks]), axis=1)
        running = np.cumsum(history, axis=1)
        means = (running[:, BINS:] - running[:, :ticks]) / _SAMPLES
        left = self._open_samples + codes.shape[1] - ticks * SAMPLES_PER_TICK
        return BlockSums(history, sums[:, ticks], left, means)

    def keep(self, sums: BlockSums, ticks: int, *, whole: bool) -> None:
        """Move on by ``ticks`` of a block; ``whole`` takes the samples after the last over too."""
        self._bins = sums.history[:, ticks : ticks + BINS]
        self._next_bin += ticks
        self._open = sums.open_bin if whole else np.zeros(self._rows.count)
        self._open_samples = sums.open_samples if whole else 0
        self._recent = np.concatenate((self._recent, sums.means[:, :ticks]), axis=1)[:, -BINS:]

    def resume(self, tick: int, sample: int, means: Floats, period_ticks: float) -> None:
        """Stand at ``sample``, after ``tick``, when a steady stretch with these means is over."""
        new_bin, self._open_samples = tick, sample - tick * SAMPLES_PER_TICK
        turned = self._turned(new_bin, period_ticks)
        self._bins = _scaled(turned, means * SAMPLES_PER_TICK, slice(*self._rows.centred))
        self._next_bin = new_bin
        self._open = self._part_of_next_bin(self._open_samples / SAMPLES_PER_TICK)
        self._recent = np.repeat(means[:, None], BINS, axis=1)

    def spread(self) -> Floats:
        """Return by how much each channel's RMS changed over the last 20 ticks, relative."""
        root = np.sqrt(np.maximum(self._recent[: self._rows.squares], 1.0))
        return np.asarray((root.max(axis=1) - root.min(axis=1)) / np.maximum(root.max(axis=1), 20))

    def _bin_sums(self, codes: Floats, ticks: int) -> Floats:
        sums = np.zeros((self._rows.count, ticks + 1))
        samples = codes.shape[1]
        if samples:
            rows = np.empty((self._rows.count, samples))
            self._rows.fill(codes, rows)
            begun = 1 if self._open_samples == SAMPLES_PER_TICK else 0
            first_edge = (begun + 1) * SAMPLES_PER_TICK - self._open_samples
            edges = np.arange(first_edge, samples, SAMPLES_PER_TICK)
            parts = np.add.reduceat(rows, np.concatenate(([0], edges)), axis=1)
            sums[:, begun : begun + parts.shape[1]] = parts
        sums[:, 0] += self._open
        return sums

    def _turned(self, new_bin: int, period_ticks: float) -> Floats:
        """Return the bins before ``new_bin``, repeated from the old ones with the mains period."""
        wanted = np.arange(new_bin - BINS, new_bin) - (self._next_bin - BINS)
        place = np.mod(wanted, period_ticks)
        before = np.floor(place).astype(int)
        part = place - before
        old = self._bins
        return np.asarray(old[:, before % BINS] * (1.0 - part) + old[:, (before + 1) % BINS] * part)

    def _part_of_next_bin(self, part: float) -> Floats:
        """Return the first ``part`` of the bin to come, as one period ago, with its slope."""
        bins = self._bins
        slope = (bins[:, 1] - bins[:, -1]) / 2.0
        return np.asarray(part * bins[:, 0] + slope * (part * part - part) / 2.0)


def _scaled(bins: Floats, target: Floats, centred: slice) -> Floats:
    """Scale each row to its mean; a row that was something quite different becomes flat."""
    mean = bins.mean(axis=1)
    ratio = np.divide(target, mean, out=np.zeros_like(mean), where=np.abs(mean) > 1e-9)
    alike = (ratio > 0.8) & (ratio < 1.25)
    made = np.where(alike[:, None], bins * ratio[:, None], target[:, None])
    made[centred] = bins[centred] + (target - mean)[centred, None]
    return made
