"""The probes of the scopes: true values at any instants of the past, and where they cross."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from rig.virtual.network.crossings import crossing
from rig.virtual.network.live import Live
from rig.virtual.network.probes import AcProbes, DcProbes
from rig.virtual.network.waveforms import Array
from rig.virtual.network.zeros import Slope

__all__ = ["ScopeProbes"]


class ScopeProbes:
    """One scope: its probes, the common trigger line, and a hold on the history."""

    def __init__(self, live: Live, name: str, probes: AcProbes | DcProbes) -> None:
        self._live, self._name, self._probes = live, name, probes

    def samples(self, channel: int, t_s: Array) -> Array:
        """Return the probed values at ascending instants, none after now."""
        self._live.world()
        return self._probes.at(channel, np.asarray(t_s, dtype=np.float64))

    def crossing(
        self, channel: int, level: float, slope: Slope, start_s: float, end_s: float
    ) -> float | None:
        """Return the first instant in ``[start_s, end_s]`` at which the level is crossed."""
        self._live.world()
        return crossing(self._probes.pieces(channel, start_s, end_s), level, slope)

    def external_trigger(self, start_s: float, end_s: float) -> float | None:
        """Return the first edge of the trigger line in ``[start_s, end_s]``."""
        edges = self._live.world().triggers
        n = bisect_left(edges, start_s)
        return edges[n] if n < len(edges) and edges[n] <= end_s else None

    def keep_from(self, start_s: float | None) -> None:
        """Keep the history from ``start_s`` on; None = no longer needed."""
        self._live.keep_from(self._name, start_s)
