"""Wall time: serve the boxes of a process of its own and let the virtual clock follow."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from rig.clock import VirtualClock
from rig.virtual.wires.reactor import Reactor

__all__ = ["serve_in_wall_time"]

_log = logging.getLogger(__name__)
_GRAIN_S = 0.001
"""Bytes that come within it meet one instant, for which the circuit is worked out once."""


def serve_in_wall_time(reactor: Reactor, clock: VirtualClock, stop: Callable[[], bool]) -> None:
    """Serve until ``stop()`` says so, checked after each event and each ``reactor.wake``.

    The clock is brought up to the wall, to the millisecond, before a box hears anything; a
    box's turnaround delays its reply on the wall. A fault of a box is logged and ends that
    connection only.
    """
    start = time.monotonic() - clock.now()
    report, reactor.report = reactor.report, _log_one_line
    reactor.wall_time = True
    try:
        while not stop():
            ready = reactor.wait(_patience(reactor, clock, start))
            now = time.monotonic()
            clock.sleep_until(_instant(clock, now - start))
            reactor.release(now)
            reactor.serve(ready)
    finally:
        reactor.wall_time = False
        reactor.release(float("inf"))
        reactor.report = report


def _instant(clock: VirtualClock, now: float) -> float:
    """Return the last whole grain before ``now``; ``now`` itself where a call has fallen due."""
    due = clock.next_due()
    return now if due is not None and due <= now else math.floor(now / _GRAIN_S) * _GRAIN_S


def _patience(reactor: Reactor, clock: VirtualClock, start: float) -> float | None:
    """Return the seconds until a call falls due or a line goes on; None when neither will."""
    due, release = clock.next_due(), reactor.next_release()
    instants = [t for t in (None if due is None else due + start, release) if t is not None]
    return max(0.0, min(instants) - time.monotonic()) if instants else None


def _log_one_line(address: str, error: Exception) -> None:
    _log.error("box at %s: %s: %s", address, type(error).__name__, " ".join(str(error).split()))
