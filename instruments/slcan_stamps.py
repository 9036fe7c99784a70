"""From an adapter's time stamps, which begin again every minute, to the time of our clock."""

from __future__ import annotations

from instruments.slcan_codec import MOST_MS

__all__ = ["StampClock"]

_WRAP_S = MOST_MS / 1000


class StampClock:
    """The adapter's clock against ours, followed as the two drift apart.

    A stamp is read some time after it was made, never before; so the least difference of the
    last one to two minutes is the true one, and the rest is how long a frame lay waiting.
    """

    def __init__(self) -> None:
        self._stamp_ms: int | None = None
        self._read_s = self._adapter_s = self._placed_s = 0.0
        self._window_from_s = 0.0
        self._least_s = self._least_before_s = float("inf")

    def place(self, stamp_ms: int, now_s: float) -> float:
        """Return the clock time of a stamp read at ``now_s``; never before an earlier one."""
        if self._stamp_ms is None:
            self._window_from_s = now_s
        else:
            forward_s = (stamp_ms - self._stamp_ms) % MOST_MS / 1000
            wraps = round((now_s - self._read_s - forward_s) / _WRAP_S)
            self._adapter_s += forward_s + wraps * _WRAP_S
        self._stamp_ms, self._read_s = stamp_ms, now_s
        self._placed_s = max(self._placed_s, self._adapter_s + self._difference(now_s))
        return self._placed_s

    def _difference(self, now_s: float) -> float:
        """Return our clock minus the adapter's, from the least difference seen lately."""
        if (age_s := now_s - self._window_from_s) >= _WRAP_S:
            self._least_before_s = self._least_s if age_s < 2 * _WRAP_S else float("inf")
            self._least_s = float("inf")
            self._window_from_s = now_s
        self._least_s = min(self._least_s, now_s - self._adapter_s)
        return min(self._least_s, self._least_before_s)
