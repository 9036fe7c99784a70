"""Contacts that have parted and solid-state switches that were released: current until its zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from rig.virtual.network.zeros import current_end

__all__ = ["Arcs"]


@dataclass(slots=True)
class _Arc:
    current: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ended: Callable[[float], None]
    end_s: float


class Arcs:
    """Currents on their way to a zero, solved anew whenever the circuit changes."""

    def __init__(self) -> None:
        self._arcs: dict[str, _Arc] = {}

    def begin(
        self,
        where: str,
        t_s: float,
        current: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        ended: Callable[[float], None],
    ) -> None:
        """Let the current at ``where`` flow on to its next zero, then call ``ended``."""
        self._arcs[where] = _Arc(current, ended, current_end(current, t_s))

    def cancel(self, where: str) -> None:
        """Forget an arc: its contact has closed again."""
        self._arcs.pop(where, None)

    def burning(self, where: str) -> bool:
        """Say whether a current is on its way to its end there."""
        return where in self._arcs

    def solve_anew(self, t_s: float) -> None:
        """Look for the zeros again from ``t_s`` on, after a change of the circuit."""
        for arc in self._arcs.values():
            arc.end_s = current_end(arc.current, t_s)

    def next_s(self) -> float:
        """Return when the next current ends; inf = none is on its way."""
        return min((arc.end_s for arc in self._arcs.values()), default=inf)

    def end_next(self) -> None:
        """End the current whose zero comes first."""
        where = min(self._arcs, key=lambda key: self._arcs[key].end_s)
        arc = self._arcs.pop(where)
        arc.ended(arc.end_s)
