"""A condition that counts once it has lasted."""

from __future__ import annotations

__all__ = ["Lasting"]


class Lasting:
    """Measures for how long something has held without a break.

    >>> over = Lasting(5.0)
    >>> over.judge(0.0, holds=True), over.judge(4.9, holds=True), over.judge(5.0, holds=True)
    (False, False, True)
    """

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._since_s: float | None = None

    def judge(self, now_s: float, *, holds: bool) -> bool:
        """Say whether it has held for long enough."""
        if not holds:
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = now_s
        return now_s - self._since_s >= self._after_s
