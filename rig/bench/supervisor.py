"""Watch an energised bench as clock events: the interlock closely, suspicions at leisure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from instruments.clock import Clock, ScheduledCall, WallClock
from rig.bench.interlock import InterlockWatch
from rig.bench.plan_silence import PlanSilence
from rig.bench.suspicions import Suspicions
from rig.clock import VirtualClock

__all__ = ["Supervisor"]

_INTERLOCK_S = 0.04
"""A trip must reach the test within 100 ms; one look takes 25 ms of a line with 9600 Bd."""
_SUSPICIONS_S = 1.0
_FIRST_S, _SLOWER, _SLOWEST_S = 5.0, 4.0, 120.0
"""Pace in virtual time: 5 s after power, then at ever longer intervals, up to 2 min.

There an input that changes says so by itself (``hasten``), so that looks in between find nothing.
"""
_AGAIN_S = 0.2


class Supervisor:
    """Calls ``tripped`` with the cause, once, as soon as something trips the bench.

    In wall time both watches have a clock of their own, so that a box that keeps one waiting does
    not keep the interlock from being looked at.
    """

    def __init__(
        self,
        interlock: InterlockWatch,
        suspicions: Suspicions,
        silence: PlanSilence,
        clock: Clock,
        tripped: Callable[[str], None],
    ) -> None:
        self._interlock, self._suspicions, self._clock = interlock, suspicions, clock
        self._silence, self._tripped = silence, tripped
        self._virtual = isinstance(clock, VirtualClock)
        self._watching = self._power_watched = False
        self._fast = self._slow = clock
        self._calls: dict[str, ScheduledCall] = {}
        self._pace_s = _FIRST_S

    @contextmanager
    def threads(self) -> Iterator[None]:
        """Have the clocks of both watches; leaving waits for a look that is under way."""
        with ExitStack() as stack:
            if not self._virtual:
                self._fast, self._slow = WallClock(), WallClock()
                stack.callback(self._fast.close)
                stack.callback(self._slow.close)
            yield

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the interlock from now on; leaving returns at once."""
        self._watching = True
        if not self._virtual:
            self._silence.begin()
            self._calls["interlock"] = self._fast.call_every(_INTERLOCK_S, self._look_in_wall_time)
        try:
            yield
        finally:
            self._watching = False
            for call in self._calls.values():
                call.cancel()

    def watch_power(self) -> None:
        """Watch for suspicions too, from now on."""
        self._power_watched = True
        self._suspicions.forget()
        self._pace_s = _FIRST_S if self._virtual else _SUSPICIONS_S
        self._look_later(self._pace_s)

    def ignore_power(self) -> None:
        """Watch for suspicions no more: the power is being cut on purpose."""
        self._power_watched = False

    def hasten(self) -> None:
        """Look at the interlock at once: somebody knows that it has changed."""
        if self._watching:
            at = self._fast.now() + _INTERLOCK_S
            self._calls["hint"] = self._fast.call_at(at, self._look_at_interlock)

    def _look_at_interlock(self) -> None:
        self._guarded(self._interlock.look)

    def _look_in_wall_time(self) -> None:
        """Look also whether the plan hangs; in virtual time nothing happens while it does."""
        self._guarded(lambda: self._interlock.look() or self._silence.look())

    def _look_for_suspicions(self) -> None:
        self._guarded(self._suspect)

    def _suspect(self) -> str | None:
        found, soon = self._suspicions.look()
        if not self._power_watched:  # a look that was under way saw the power being cut
            return None
        if found is None and self._virtual:
            found = self._interlock.look()
            self._pace_s = min(self._pace_s * _SLOWER, _SLOWEST_S)
        if found is None:
            self._look_later(_AGAIN_S if soon else self._pace_s)
        return found

    def _look_later(self, seconds: float) -> None:
        if self._watching:
            at = self._slow.now() + seconds
            self._calls["suspicions"] = self._slow.call_at(at, self._look_for_suspicions)

    def _guarded(self, look: Callable[[], str | None]) -> None:
        """Look, unless all is over; a look that fails by itself trips as well."""
        if not self._watching:
            return
        try:
            found = look()
        except Exception as error:  # a watch that died unseen would watch nothing
            found = f"the supervision failed: {type(error).__name__}: {error}"
        if found is not None and self._watching:
            self._watching = False
            self._tripped(found)
