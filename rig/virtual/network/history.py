"""What was, piece by piece: step functions of time that forget what nobody will ask for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Track"]

T = TypeVar("T")


class Track(Generic[T]):
    """A value that holds from each change to the next.

    >>> track = Track("off")
    >>> track.put(2.0, "on")
    >>> track.at(1.0), track.at(2.0)
    ('off', 'on')
    """

    def __init__(self, first: T) -> None:
        self._starts = [-np.inf]
        self._values = [first]

    @property
    def last(self) -> T:
        """Return the value that holds now."""
        return self._values[-1]

    @property
    def known_from_s(self) -> float:
        """Return the start of the oldest piece that is kept."""
        return self._starts[0]

    def put(self, t_s: float, value: T) -> None:
        """Let ``value`` hold from ``t_s``, which no earlier change may lie after."""
        if t_s == self._starts[-1]:
            self._values[-1] = value
            return
        self._starts.append(t_s)
        self._values.append(value)

    def at(self, t_s: float) -> T:
        """Return the value that held at ``t_s`` (the new one at a change)."""
        return self._values[self._index(t_s)]

    def pieces(self, start_s: float, end_s: float) -> Iterator[tuple[float, float, T]]:
        """Yield start, end and value of each piece that meets ``[start_s, end_s]``."""
        for n in range(self._index(start_s), len(self._starts)):
            if self._starts[n] > end_s:
                return
            last = n + 1 == len(self._starts)
            end = end_s if last else min(end_s, self._starts[n + 1])
            yield max(start_s, self._starts[n]), end, self._values[n]

    def slices(self, t_s: NDArray[np.float64]) -> Iterator[tuple[slice, T]]:
        """Split ascending instants by piece."""
        if not t_s.size:
            return
        first, last = self._index(float(t_s[0])), self._index(float(t_s[-1]))
        cuts = [0, *np.searchsorted(t_s, self._starts[first + 1 : last + 1]), t_s.size]
        for n in range(first, last + 1):
            part = slice(int(cuts[n - first]), int(cuts[n - first + 1]))
            if part.stop > part.start:
                yield part, self._values[n]

    def forget_before(self, t_s: float) -> None:
        """Drop the pieces that ended before ``t_s``; done in bulk, so that it costs little."""
        drop = bisect_right(self._starts, t_s) - 1
        if drop >= 256:
            del self._starts[:drop], self._values[:drop]

    def _index(self, t_s: float) -> int:
        n = bisect_right(self._starts, t_s) - 1
        if n < 0:
            raise LookupError(
                f"the circuit keeps no history before {self._starts[0]:.6f} s, asked for "
                f"{t_s:.6f} s: ask for it with keep_from beforehand"
            )
        return n
