"""How fast a value rises (facts: sections 6 #14 and 7: 20 A/s)."""

from __future__ import annotations

__all__ = ["Slew"]

_LONGEST_GAP_S = 0.25


class Slew:
    """Follows the line a value may rise along; falls are free.

    Judging against the line and not from frame to frame lets neither jitter nor whole amperes
    hide a ramp that is too steep.

    >>> slew = Slew(20.0)
    >>> [round(slew.excess_a(value, t / 10, 0.1), 1) for t, value in enumerate([0, 2, 4, 7, 10])]
    [0.0, 0.0, 0.0, 1.0, 2.0]
    """

    def __init__(self, rate_a_per_s: float) -> None:
        self._rate = rate_a_per_s
        self._t_s = 0.0
        self._value_a: float | None = None
        self._line_a = 0.0

    def excess_a(self, value_a: float, t_s: float, gap_s: float) -> float:
        """Return by how much a new value lies above the line; ``gap_s`` to the frame before."""
        if self._value_a is None:
            self._t_s, self._value_a, self._line_a = t_s, value_a, value_a
            return 0.0
        gap_s = min(gap_s, _LONGEST_GAP_S)
        before_s = max(t_s - gap_s - self._t_s, 0.0)
        line_a = min(self._line_a + self._rate * before_s, self._value_a) + self._rate * gap_s
        self._t_s, self._value_a, self._line_a = t_s, value_a, min(line_a, value_a)
        return max(value_a - line_a, 0.0)
