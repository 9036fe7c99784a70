"""Steady values over any span of the past: compact columns, averaged by time."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ledger"]


class Ledger:
    """Rows of numbers, each of which holds until the next; kept for the whole run."""

    def __init__(self, width: int, start_s: float) -> None:
        self._width = width
        self._starts = array("d", [start_s])
        self._rows = array("d", [0.0] * width)

    def put(self, t_s: float, row: Sequence[float]) -> None:
        """Let ``row`` hold from ``t_s`` on."""
        if t_s <= self._starts[-1]:
            del self._rows[-self._width :]
        else:
            self._starts.append(t_s)
        self._rows.extend(row)

    def mean(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        """Return the time-weighted mean of each column over ``[start_s, end_s]``."""
        first, last = self._span(start_s, end_s)
        if first == last or end_s <= start_s:
            return np.asarray(self._part(last, last)[0])
        edges = np.array(self._starts[first : last + 2])
        edges[0] = start_s
        edges = np.append(edges[: last - first + 1], end_s)
        return np.asarray(np.diff(edges) @ self._part(first, last) / (end_s - start_s))

    def highest(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        """Return the largest value of each column over ``[start_s, end_s]``."""
        return np.asarray(self._part(*self._span(start_s, end_s)).max(axis=0))

    def _span(self, start_s: float, end_s: float) -> tuple[int, int]:
        first = max(0, bisect_right(self._starts, start_s) - 1)
        return first, max(first, bisect_right(self._starts, end_s) - 1)

    def _part(self, first: int, last: int) -> NDArray[np.float64]:
        rows = self._rows[first * self._width : (last + 1) * self._width]
        return np.array(rows).reshape(-1, self._width)
