"""What a link tells the world around it while it talks: pacing on hardware, charging when virtual.

A link calls, for one exchange: ``ready``, then writes and calls ``sent``, or runs a library call
that blocks inside ``blocking``; ``waited`` when no answer came in time; and, once the box's lock
is released, ``settle``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from instruments.clock import Clock

__all__ = ["Exchange", "RealWire", "RealWires", "TranscriptSink", "Wire", "Wires"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange with one box as it stood on the wire."""

    t_s: float
    """Clock time at which the first byte left."""
    box: str
    address: str
    sent: bytes
    received: bytes
    error: str | None = None
    """What went wrong, in one line that begins with the kind of error; None when it was sound.

    Where nothing was sent it is a note of the link itself.
    """


TranscriptSink = Callable[[Exchange], None]


class Wire(Protocol):
    """The world's side of one link."""

    def ready(self) -> None:
        """Return when the box may be spoken to again (its minimum gap is over).

        Called before every message, so also inside a transaction, where virtual time stands still.
        """

    def sent(self, count: int) -> None:
        """Return when ``count`` more bytes, just written, have been consumed."""

    def blocking(self) -> AbstractContextManager[None]:
        """Bracket a library call that itself waits for the box (connect, RPC, HiSLIP)."""

    def waited(self, seconds: float) -> None:
        """Take note that the link has waited in vain; virtual time passes when it is settled."""

    def settle(self) -> None:
        """Charge the turnaround of what was exchanged; no lock of a box may be held."""


class Wires(Protocol):
    """The wires of a whole bench."""

    @property
    def concurrent(self) -> bool:
        """Whether several threads may talk to boxes at once (wall time)."""

    def wire(self, address: str, *, min_gap_s: float = 0.0) -> Wire:
        """Return the wire of the box at ``address``."""

    def together(self) -> AbstractContextManager[None]:
        """Bracket exchanges with several boxes that run side by side: the largest is charged."""


class RealWire:
    """A wire to hardware: keeps the box's minimum gap between messages, else does nothing."""

    def __init__(self, clock: Clock, min_gap_s: float = 0.0) -> None:
        self._clock, self._min_gap_s = clock, min_gap_s
        self._free_at = 0.0

    def ready(self) -> None:
        """Wait until the gap since the last exchange is over."""
        if self._min_gap_s:
            self._clock.sleep_until(self._free_at)

    def sent(self, count: int) -> None:
        """Start the gap; the box reads at its own pace."""
        self._start_gap()

    def blocking(self) -> AbstractContextManager[None]:
        """Start the gap when the call is over."""
        return self._gap_afterwards() if self._min_gap_s else nullcontext()

    def waited(self, seconds: float) -> None:
        """Do nothing: real time has passed by itself."""

    def settle(self) -> None:
        """Start the gap anew: the answer has come."""
        self._start_gap()

    def _start_gap(self) -> None:
        if self._min_gap_s:
            self._free_at = self._clock.now() + self._min_gap_s

    @contextmanager
    def _gap_afterwards(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._start_gap()


class RealWires:
    """Wires to hardware."""

    concurrent = True

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def wire(self, address: str, *, min_gap_s: float = 0.0) -> RealWire:
        """Return a wire that keeps ``min_gap_s`` between messages."""
        return RealWire(self._clock, min_gap_s)

    def together(self) -> AbstractContextManager[None]:
        """Bracket nothing."""
        return nullcontext()
