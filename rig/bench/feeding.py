"""Feed something that switches off unless it is fed, from a clock event that can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable

from instruments.clock import Clock, ScheduledCall
from instruments.errors import BenchError

__all__ = ["Feeding"]

_IN_FLIGHT_S = 0.2
"""Longer than a clock event takes between asking whether to feed and having the box's line."""


class Feeding:
    """Call ``feed`` at once and then every ``every_s``; post of ``stop``: it is not called again.

    One failure is forgiven: a watchdog is fed at least twice in its time. The second in a row ends
    the waiting of the test with its own error; nothing is fed from then on.
    """

    def __init__(self, clock: Clock, every_s: float, feed: Callable[[], object]) -> None:
        self._clock, self._every_s, self._feed = clock, every_s, feed
        self._lock = threading.Lock()
        self._wanted = False
        self._failed = False
        self._event: ScheduledCall | None = None

    def start(self) -> None:
        """Feed now, which must succeed, and go on."""
        self._wanted, self._failed = True, False
        try:
            self._feed()
        except BaseException:
            self._wanted = False
            raise
        self._event = self._clock.call_every(self._every_s, self._again)

    def stop(self, *, wait: bool = True) -> None:
        """Feed no more; harmless when it is stopped already.

        ``wait``: for a feeding under way, where it would undo what comes next.
        """
        self._wanted = False
        if self._event is not None:
            self._event.cancel()
            self._event = None
        # Once it has the box's line, whatever is sent there comes after it.
        if wait and self._lock.acquire(timeout=_IN_FLIGHT_S):
            self._lock.release()

    def _again(self) -> None:
        with self._lock:
            if not self._wanted:
                return
            try:
                self._feed()
            except BenchError:
                if self._failed:
                    self._wanted = False
                    raise
                self._failed = True
            else:
                self._failed = False
