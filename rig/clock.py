"""Virtual time: sleeping runs what falls due, in order, and jumps; a day takes a minute or two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from instruments.clock import ScheduledCall

__all__ = ["VirtualClock"]

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class _Call:
    __slots__ = ("again", "cancelled", "first", "fn", "n", "order", "period_s", "running")

    def __init__(
        self, first: float, fn: Callable[[], None], period_s: float | None, order: int
    ) -> None:
        self.first, self.fn, self.period_s, self.order = first, fn, period_s, order
        self.n = 0
        self.cancelled = False
        self.running = False
        self.again = False

    def cancel(self) -> None:
        self.cancelled = True


class VirtualClock:
    """Time that moves in ``sleep_until`` only; one thread at a time may use it.

    Calls are made in order of time, then of registration (a periodic call keeps its place). A call
    may itself sleep (an exchange with a box is charged so): what falls due meanwhile runs inside,
    in order. A periodic call that falls due while it is still running is made once more after it
    has returned, never inside itself, and goes on at its next deadline in the future.

    A call that raises ends the ``sleep_until`` it ran in, with its own traceback.

    >>> clock = VirtualClock()
    >>> call = clock.call_at(3600.0, lambda: print("an hour is over"))
    >>> clock.sleep_until(7200.0)
    an hour is over
    >>> clock.now()
    7200.0
    """

    def __init__(self, epoch: datetime = _EPOCH) -> None:
        self._now = 0.0
        self._epoch = epoch
        self._heap: list[tuple[float, int, _Call]] = []
        self._order = count()

    def now(self) -> float:
        """Return virtual seconds since the clock was made."""
        return self._now

    def utc(self) -> datetime:
        """Return the virtual instant in UTC."""
        return self._epoch + timedelta(seconds=self._now)

    def sleep_until(self, t: float) -> None:
        """Run everything due up to and including ``t`` in order of time, then of registration."""
        heap = self._heap
        while heap and heap[0][0] <= t:
            due, _, call = heappop(heap)
            if call.cancelled:
                continue
            self._now = max(self._now, due)
            if call.running:
                call.again = True
            elif call.period_s is None:
                call.fn()
            else:
                self._make_periodic(call, call.period_s)
        self._now = max(self._now, t)

    def call_at(self, t: float, fn: Callable[[], None]) -> ScheduledCall:
        """Call ``fn`` at ``t`` (at once on the next sleep when ``t`` is past)."""
        call = _Call(t, fn, None, next(self._order))
        heappush(self._heap, (t, call.order, call))
        return call

    def call_every(
        self, period_s: float, fn: Callable[[], None], *, first: float | None = None
    ) -> ScheduledCall:
        """Call ``fn`` at ``first + n * period_s``; each deadline is computed anew, none drifts."""
        if period_s <= 0:
            raise ValueError(f"period_s must be above 0, got {period_s}")
        start = self._now + period_s if first is None else first
        call = _Call(start, fn, period_s, next(self._order))
        heappush(self._heap, (start, call.order, call))
        return call

    def next_due(self) -> float | None:
        """Return when the next call falls due, None when there is none."""
        while self._heap and self._heap[0][2].cancelled:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def _make_periodic(self, call: _Call, period_s: float) -> None:
        # The next deadline lies after now, so that a late call is made once and not n times.
        call.n = max(call.n + 1, int((self._now - call.first) / period_s) + 1)
        heappush(self._heap, (call.first + call.n * period_s, call.order, call))
        call.running = True
        try:
            call.fn()
        finally:
            call.running = False
            if call.again:
                # Queued, not made here: else a call slower than its period would never return.
                call.again = False
                heappush(self._heap, (self._now, call.order, call))
