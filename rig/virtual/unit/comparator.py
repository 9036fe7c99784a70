"""The hardware comparator for short circuits: sample by sample, ahead of all firmware."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rig.virtual.unit.parameters import ShortCircuitParameters
from rig.virtual.unit.sensing import CURRENTS
from rig.virtual.unit.trips import UNIT

__all__ = ["Comparator", "ShortCircuit"]

_INVERTER = 0
_PLAUSIBLE_SHARE = 0.5
_RISE_SAMPLES = 5
_RISE_FROM = 0.15

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShortCircuit:
    """What fired: after which sample of the block, by which socket (0 = none of them), how much."""

    sample: int
    socket: int
    current_a: float
    slow: bool = False
    """The current took some samples to rise, as it does near a zero of the voltage."""


class Comparator:
    """Watch the currents of the inverter and the sockets; analogue, so free of the converter."""

    def __init__(self, parameters: ShortCircuitParameters, gains: Floats) -> None:
        thresholds = [parameters.inverter_a, *[parameters.socket_a] * 3]
        self._limits: Floats = np.array(thresholds) / gains[CURRENTS]
        self._needed, self._selective = parameters.samples, parameters.selective
        self._runs = [0, 0, 0, 0]

    def reset(self) -> None:
        """Forget a run of samples above the threshold."""
        self._runs = [0, 0, 0, 0]

    def find(self, true: Floats) -> ShortCircuit | None:
        """Return the first firing in a block of the five channels; changes nothing."""
        currents = true[CURRENTS]
        if not self._suspicious(currents):
            return None
        over = np.abs(currents) > self._limits[:, None]
        firing = [_first_run(row, n, self._needed) for row, n in zip(over, self._runs, strict=True)]
        fired = [n for n in firing if n is not None]
        if not fired:
            return None
        sample = min(fired)
        found = self._culprit(np.abs(currents[:, sample]), firing, sample)
        return replace(found, slow=self._rose_slowly(np.abs(currents[_INVERTER]), sample))

    def _rose_slowly(self, current: Floats, sample: int) -> bool:
        before = max(0, sample - _RISE_SAMPLES)
        return bool(current[before] > _RISE_FROM * self._limits[_INVERTER]) and before > 0

    def keep(self, true: Floats, samples: int) -> None:
        """Live through the first ``samples`` of a block that did not fire in them."""
        currents = true[CURRENTS, :samples]
        if not samples:
            return
        if not self._suspicious(currents):
            self._runs = [0, 0, 0, 0]
            return
        over = np.abs(currents) > self._limits[:, None]
        self._runs = [_last_run(row, n) for row, n in zip(over, self._runs, strict=True)]

    def _suspicious(self, currents: Floats) -> bool:
        high, low = currents.max(axis=1), currents.min(axis=1)
        return bool((np.maximum(high, -low) > self._limits).any())

    def _culprit(self, currents: Floats, firing: list[int | None], sample: int) -> ShortCircuit:
        for socket in (1, 2, 3) if self._selective else ():
            if firing[socket] == sample:
                return ShortCircuit(sample, socket, float(currents[socket]))
        largest = 1 + int(np.argmax(currents[1:]))
        total = float(currents[_INVERTER])
        if self._selective and currents[largest] >= _PLAUSIBLE_SHARE * total:
            return ShortCircuit(sample, largest, total)
        return ShortCircuit(sample, UNIT, total)


def _first_run(over: NDArray[np.bool_], run: int, needed: int) -> int | None:
    """Return at which sample ``needed`` successive ones are reached, ``run`` before the first."""
    previous = -1
    for n in np.flatnonzero(over).tolist():
        run = run + 1 if n == previous + 1 else 1
        if run >= needed:
            return n
        previous = n
    return None


def _last_run(over: NDArray[np.bool_], run: int) -> int:
    """Return how many successive samples at the end of the block are over."""
    below = np.flatnonzero(~over)
    return int(over.size - 1 - below[-1]) if below.size else run + over.size
