"""What stops a plan: a trip of the bench, and the gate between a plan and every box."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Gate", "SafetyTrip", "Trip"]


@dataclass(frozen=True, slots=True)
class Trip:
    """Why and when a bench tripped."""

    cause: str
    utc: str
    """ISO 8601, to the millisecond."""

    def __str__(self) -> str:
        return f"safety trip at {self.utc}: {self.cause}"


class SafetyTrip(BaseException):
    """Say that the bench has tripped; no ``except Exception`` of a plan swallows it."""

    def __init__(self, trip: Trip) -> None:
        self.trip = trip
        super().__init__(str(trip))


class Gate:
    """Shut, it raises in the plan's thread before the next message to a box and in every sleep.

    The thread that makes the gate is the plan's; others pass it at any time.
    """

    def __init__(self) -> None:
        self._plan = threading.get_ident()
        self.passes = 0
        """How often the plan has come by; in every slice of a sleep it does."""
        self._lifted = 0
        self._error: BaseException | None = None

    @property
    def shut(self) -> bool:
        """Say whether something has happened that the plan must be told."""
        return self._error is not None

    def shut_with(self, error: BaseException) -> None:
        """Let nothing more through; the first error stays, but a trip outranks any other."""
        trips = isinstance(error, SafetyTrip) and not isinstance(self._error, SafetyTrip)
        if self._error is None or trips:
            self._error = error

    def check(self) -> None:
        """Raise what has happened, unless it is not the plan that asks."""
        if threading.get_ident() != self._plan:
            return
        self.passes += 1
        if self._error is not None and not self._lifted:
            raise self._error.with_traceback(None)

    def reopen(self) -> None:
        """Let the plan through again; what had happened is forgotten."""
        self._error = None

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Let the plan's own thread through: to make the bench safe, or find out how it is."""
        mine = threading.get_ident() == self._plan
        self._lifted += mine
        try:
            yield
        finally:
            self._lifted -= mine
