"""A box's own watchdog: without traffic for a time it acts, on the clock's time."""

from __future__ import annotations

from collections.abc import Callable

from instruments.clock import Clock, ScheduledCall

__all__ = ["BoxWatchdog"]


class BoxWatchdog:
    """Calls ``on_expired`` once when it was not fed for ``timeout_s`` after arming."""

    def __init__(self, clock: Clock, on_expired: Callable[[], None]) -> None:
        self._clock, self._on_expired = clock, on_expired
        self._due_s: float | None = None
        self._call: ScheduledCall | None = None
        self.timeout_s: float | None = None
        """None = not armed."""

    @property
    def remaining_s(self) -> float | None:
        """How long it may stay unfed; None when it is not armed."""
        return None if self._due_s is None else max(self._due_s - self._clock.now(), 0.0)

    def arm(self, timeout_s: float) -> None:
        """Begin to wait; the next expiry is ``timeout_s`` from now."""
        self.disarm()
        self.timeout_s = timeout_s
        self.feed()

    def feed(self) -> None:
        """Start the time anew; harmless when it is not armed."""
        if self.timeout_s is None:
            return
        self._due_s = self._clock.now() + self.timeout_s
        if self._call is None:
            self._call = self._clock.call_at(self._due_s, self._look)

    def expire_after(self, seconds: float) -> None:
        """Run out once after ``seconds``, armed or not, unless it is fed before."""
        self._cancel()
        self._due_s = self._clock.now() + seconds
        self._call = self._clock.call_at(self._due_s, self._look)

    def disarm(self) -> None:
        """Wait no longer."""
        self._cancel()
        self.timeout_s = self._due_s = None

    def _cancel(self) -> None:
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _look(self) -> None:
        """Look again when the present silence would reach the time-out."""
        self._call = None
        if self._due_s is None:
            return
        if self._clock.now() < self._due_s:
            self._call = self._clock.call_at(self._due_s, self._look)
            return
        self.timeout_s = self._due_s = None
        self._on_expired()
