"""Weigh the samples with which a current may have begun against each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.measure.edge_models import EdgeInput, EdgeModel

__all__ = ["Candidates", "candidates"]

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Samples ``first``, ``first + 1`` ... as the beginning of a current that follows a model."""

    first: int
    t_s: _Floats
    """The instant half a sample before each."""
    costs: _Floats
    """Sum of squares that "nothing before it, the model from it on" leaves."""
    variance: float
    """Of one sample about the model."""

    @property
    def best(self) -> int:
        """The sample that leaves least."""
        return self.first + int(np.argmin(self.costs))

    def cost(self, sample: int) -> float:
        """Return what one of the samples leaves, in variances."""
        return float(self.costs[sample - self.first]) / self.variance

    def u_about(self, t_s: float, favoured: int | None = None, favour: float = 0.0) -> float:
        """Return the RMS distance of the candidates from an instant, by their likelihood.

        ``favoured`` is the sample of a beginning that is likelier beforehand, by as much as
        ``favour`` variances tell; it lies at the instant itself.
        """
        left = self.costs / self.variance
        distance = self.t_s - t_s
        if favoured is not None:
            left[favoured - self.first] -= favour
            distance[favoured - self.first] = 0.0
        weights = np.exp(-0.5 * (left - left.min()))
        return math.sqrt(float(weights @ distance**2) / float(weights.sum()))


def candidates(given: EdgeInput, model: EdgeModel, first: int, end: int) -> Candidates:
    """Weigh the samples from ``first`` to before ``end``."""
    y = given.y[first:end]
    t_s = given.t_s[first:end]
    nothing = np.concatenate([[0.0], np.cumsum(y**2)[:-1]])
    follows = np.cumsum(((y - model.at(t_s)) ** 2)[::-1])[::-1]
    return Candidates(
        first,
        t_s - 0.5 * given.dt_s,
        nothing + follows,
        given.sigma**2 + model.misfit**2,
    )
