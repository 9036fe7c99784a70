"""A clock whose calls tell when they fail, where nobody sleeps on it who could hear them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from instruments.clock import Clock, ScheduledCall

__all__ = ["ToldClock"]


class ToldClock:
    """A clock as another; ``failed`` is told what a call raised, and other calls are made."""

    def __init__(self, clock: Clock, failed: Callable[[Exception], None]) -> None:
        self._clock, self._failed = clock, failed

    def now(self) -> float:
        """Return seconds since the clock was made."""
        return self._clock.now()

    def utc(self) -> datetime:
        """Return the present instant in UTC."""
        return self._clock.utc()

    def sleep_until(self, t: float) -> None:
        """Return when ``now() >= t``."""
        self._clock.sleep_until(t)

    def call_at(self, t: float, fn: Callable[[], None]) -> ScheduledCall:
        """Call ``fn`` at ``t``."""
        return self._clock.call_at(t, self._told(fn))

    def call_every(
        self, period_s: float, fn: Callable[[], None], *, first: float | None = None
    ) -> ScheduledCall:
        """Call ``fn`` at ``first + n * period_s``."""
        return self._clock.call_every(period_s, self._told(fn), first=first)

    def _told(self, fn: Callable[[], None]) -> Callable[[], None]:
        def call() -> None:
            try:
                fn()
            except Exception as error:  # whatever it is: the plan must stop for it at once
                self._failed(error)

        return call
