"""Whose turn it is to speak with one box."""

from __future__ import annotations

from threading import RLock
from types import TracebackType

from instruments.links.wire import Wire

__all__ = ["Turn"]


class Turn:
    """The lock of one box: re-entrant, and what was said is settled after its last release.

    Settling may let time pass and run other calls, which may want this very box; so it never
    happens while the lock is held, and it happens also when an exchange failed.
    """

    __slots__ = ("_depth", "_lock", "_spoken", "_wire")

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._lock = RLock()
        self._depth = 0
        self._spoken = False

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._depth -= 1
        settle = self._spoken and not self._depth
        if settle:
            self._spoken = False
        self._lock.release()
        if settle:
            self._wire.settle()

    def speak(self) -> None:
        """Return when a message may be sent; what follows will be settled."""
        self._spoken = True
        self._wire.ready()
