"""A voltage that tends to a value: one exponential, evaluated at any instant of its piece."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rail"]


@dataclass(frozen=True, slots=True)
class Rail:
    """From ``begin_v`` at ``start_s`` to ``target_v``, with a time constant."""

    start_s: float = 0.0
    begin_v: float = 0.0
    target_v: float = 0.0
    tau_s: float = 1.0

    def at(self, t_s: float) -> float:
        """Return the voltage at an instant of the piece."""
        return self.target_v + self._share(t_s) * (self.begin_v - self.target_v)

    def samples(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the voltages at instants of the piece."""
        left = np.exp((self.start_s - t_s) / self.tau_s)
        return np.asarray(self.target_v + left * (self.begin_v - self.target_v))

    def mean(self, start_s: float, end_s: float) -> float:
        """Return the mean over a span of the piece, in closed form."""
        if end_s <= start_s:
            return self.at(start_s)
        swept = self._share(start_s) - self._share(end_s)
        excess = (self.begin_v - self.target_v) * self.tau_s * swept / (end_s - start_s)
        return self.target_v + excess

    def onward(self, t_s: float, target_v: float, tau_s: float) -> Rail:
        """Return what follows from ``t_s`` on; the same piece when nothing changes."""
        if target_v == self.target_v and tau_s == self.tau_s:
            return self
        return Rail(t_s, self.at(t_s), target_v, tau_s)

    def raised(self, by_v: float) -> Rail:
        """Return the same course, higher by so much."""
        return Rail(self.start_s, self.begin_v + by_v, self.target_v + by_v, self.tau_s)

    def _share(self, t_s: float) -> float:
        """Return how much of the way is left."""
        return exp((self.start_s - t_s) / self.tau_s)
