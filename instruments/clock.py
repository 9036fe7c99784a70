"""The one clock of a bench: what every periodic activity hangs on, and the wall-time kind."""

from __future__ import annotations

import heapq
import itertools
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Clock", "ScheduledCall", "WallClock", "hurry"]


class ScheduledCall(Protocol):
    """A call that a clock will make."""

    def cancel(self) -> None:
        """Withdraw the call; harmless when it was made or withdrawn already."""


class Clock(Protocol):
    """Time in seconds since the clock was made, and calls on absolute deadlines."""

    def now(self) -> float:
        """Return seconds since the clock was made; never steps back."""

    def utc(self) -> datetime:
        """Return the present instant in UTC."""

    def sleep_until(self, t: float) -> None:
        """Return when ``now() >= t``; a call that raised meanwhile raises here, as itself."""

    def call_at(self, t: float, fn: Callable[[], None]) -> ScheduledCall:
        """Call ``fn`` at ``t``; calls of one instant are made in the order they were asked for."""

    def call_every(
        self, period_s: float, fn: Callable[[], None], *, first: float | None = None
    ) -> ScheduledCall:
        """Call ``fn`` at ``first + n * period_s``; first: one period from now; no drift."""


def hurry() -> None:
    """Give the calling thread real-time priority, where the system has and grants that.

    Threads and processes that it starts do not inherit it.
    """
    with suppress(AttributeError, OSError):
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(1))


class _WallCall:
    __slots__ = ("cancelled", "first", "fn", "n", "order", "period_s")

    def __init__(
        self, first: float, fn: Callable[[], None], period_s: float | None, order: int
    ) -> None:
        self.first, self.fn, self.period_s, self.order = first, fn, period_s, order
        self.n = 0
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class WallClock:
    """Real time; calls are made one after another on one thread of the clock's own.

    Order and lateness are those of virtual time: calls are made in order of time, then of
    registration; a periodic call that falls due while it is still running is made once more after
    it has returned, and goes on at its next deadline in the future.

    A call that raises keeps no other from being made. The first exception is raised, with its own
    traceback, by the ``sleep_until`` that is waiting, else by the next one, in the thread that made
    the clock: another's sleep (of a driver that makes its box safe) is none of its business.

    The thread of an ``urgent`` clock asks for real-time priority, for calls that take no time
    themselves but must not be late; where the system grants none, it is as any other.
    """

    def __init__(self, *, urgent: bool = False) -> None:
        self._urgent = urgent
        self._maker = threading.get_ident()
        self._start = time.monotonic()
        self._start_utc = datetime.now(UTC)
        self._order = itertools.count()
        self._heap: list[tuple[float, int, _WallCall]] = []
        self._changed = threading.Condition()
        self._error: BaseException | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def beside(self, *, urgent: bool = False) -> WallClock:
        """Return a clock of the same time with a thread of its own; whoever asks closes it."""
        other = WallClock(urgent=urgent)
        other._start, other._start_utc = self._start, self._start_utc
        return other

    def now(self) -> float:
        """Return seconds since the clock was made."""
        return time.monotonic() - self._start

    def utc(self) -> datetime:
        """Return the present instant in UTC, stepped by the monotonic clock."""
        return self._start_utc + timedelta(seconds=self.now())

    def sleep_until(self, t: float) -> None:
        """Wait until ``t``; raise what a scheduled call raised, to the clock's maker."""
        told = threading.get_ident() == self._maker
        with self._changed:
            while not (told and self._error) and (left := t - self.now()) > 0:
                self._changed.wait(left)
            if told:
                self._raise_error()

    def call_at(self, t: float, fn: Callable[[], None]) -> ScheduledCall:
        """Call ``fn`` at ``t`` on the clock's thread."""
        return self._schedule(_WallCall(t, fn, None, next(self._order)))

    def call_every(
        self, period_s: float, fn: Callable[[], None], *, first: float | None = None
    ) -> ScheduledCall:
        """Call ``fn`` every ``period_s`` on absolute deadlines on the clock's thread."""
        if period_s <= 0:
            raise ValueError(f"period_s must be above 0, got {period_s}")
        start = self.now() + period_s if first is None else first
        return self._schedule(_WallCall(start, fn, period_s, next(self._order)))

    def close(self) -> None:
        """Make no more calls; wait for the one under way, raise what it raised."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        with self._changed:
            self._raise_error()

    def _raise_error(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _schedule(self, call: _WallCall) -> _WallCall:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rig-clock", daemon=True)
                self._thread.start()
            heapq.heappush(self._heap, (call.first, call.order, call))
            self._changed.notify_all()
        return call

    def _next_due(self) -> _WallCall | None:
        """Wait for the next call to fall due; None when the clock is closed."""
        with self._changed:
            while not self._closed:
                wait = self._heap[0][0] - self.now() if self._heap else None
                if wait is not None and wait <= 0:
                    call = heapq.heappop(self._heap)[2]
                    if call.period_s is not None and not call.cancelled:
                        self._requeue(call, call.period_s)
                    return call
                self._changed.wait(wait)
        return None

    def _run(self) -> None:
        if self._urgent:
            hurry()
        while (call := self._next_due()) is not None:
            if call.cancelled:
                continue
            try:
                call.fn()
            except BaseException as error:
                with self._changed:
                    self._error = self._error or error
                    self._changed.notify_all()

    def _requeue(self, call: _WallCall, period_s: float) -> None:
        """Queue the next deadline after now, so that a late call is made once and not n times."""
        call.n = max(call.n + 1, int((self.now() - call.first) / period_s) + 1)
        heapq.heappush(self._heap, (call.first + call.n * period_s, call.order, call))
