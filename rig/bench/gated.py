"""The gate in front of every wire and every sleep of a plan."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from instruments.clock import Clock, ScheduledCall
from instruments.links.wire import Wire, Wires
from rig.clock import VirtualClock
from rig.safety import Gate

__all__ = ["GatedClock", "GatedWires"]

_SLICE_S = 0.02
"""In wall time a sleeping plan looks at the gate so often."""


class GatedWires:
    """Wires that carry no message of the plan while the gate is shut."""

    def __init__(self, wires: Wires, gate: Gate) -> None:
        self._wires, self._gate = wires, gate

    @property
    def concurrent(self) -> bool:
        """Say whether several threads may talk to boxes at once."""
        return self._wires.concurrent

    def wire(self, address: str, *, min_gap_s: float = 0.0) -> Wire:
        """Return the wire of the box at ``address``, behind the gate."""
        return _GatedWire(self._wires.wire(address, min_gap_s=min_gap_s), self._gate)

    def together(self) -> AbstractContextManager[None]:
        """Bracket exchanges that run side by side."""
        return self._wires.together()


class _GatedWire:
    __slots__ = ("_gate", "_wire", "blocking", "sent", "settle", "waited")

    def __init__(self, wire: Wire, gate: Gate) -> None:
        self._wire, self._gate = wire, gate
        self.sent: Callable[[int], None] = wire.sent
        self.blocking: Callable[[], AbstractContextManager[None]] = wire.blocking
        self.waited: Callable[[float], None] = wire.waited
        self.settle: Callable[[], None] = wire.settle

    def ready(self) -> None:
        """Pass the gate, then return when the box may be spoken to."""
        self._gate.check()
        self._wire.ready()


class GatedClock:
    """The plan's clock: its sleeps end when the gate shuts, by raising why."""

    def __init__(self, clock: Clock, gate: Gate) -> None:
        self._clock, self._gate = clock, gate
        self.now: Callable[[], float] = clock.now
        self.utc: Callable[[], datetime] = clock.utc
        self._next: Callable[[float], float] = (
            self._next_event if isinstance(clock, VirtualClock) else self._next_slice
        )

    def sleep_until(self, t: float) -> None:
        """Return when ``now() >= t``; raise as soon as the gate is shut."""
        self._gate.check()
        while (pause := self._next(t)) < t:
            self._clock.sleep_until(pause)
            self._gate.check()
        self._clock.sleep_until(t)
        self._gate.check()

    def call_at(self, t: float, fn: Callable[[], None]) -> ScheduledCall:
        """Call ``fn`` at ``t``."""
        return self._clock.call_at(t, fn)

    def call_every(
        self, period_s: float, fn: Callable[[], None], *, first: float | None = None
    ) -> ScheduledCall:
        """Call ``fn`` every ``period_s``."""
        return self._clock.call_every(period_s, fn, first=first)

    def _next_event(self, t: float) -> float:
        """Return when the next call falls due: only a call can shut the gate in virtual time."""
        assert isinstance(self._clock, VirtualClock)
        due = self._clock.next_due()
        return t if due is None else due

    def _next_slice(self, _t: float) -> float:
        return self._clock.now() + _SLICE_S
