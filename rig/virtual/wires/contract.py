"""The two ends of a simulated wire: a line the hub serves, and the box's session on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["Line", "Service", "Session"]


class Line(Protocol):
    """The box's end of one connection or serial port."""

    def send(self, data: bytes) -> None:
        """Queue bytes for the client; never blocks."""

    def charge(self, turnaround_s: float) -> None:
        """Add to what the present exchange costs in the box's own time."""

    def close(self) -> None:
        """Close the connection after what is queued has been sent; a serial line stays."""

    def reset(self) -> None:
        """Break the connection off at once, with what is queued; a serial line stays."""

    def end_output(self) -> None:
        """Say nothing more once what is queued has been sent, and go on listening (half-close)."""


class Session(Protocol):
    """What a box keeps per connection.

    A session may also have ``resumed()``: on a line whose ``paced`` is true it may put off what
    came behind a message that takes its time, and is called when that time is over.
    """

    def received(self, data: bytes) -> None:
        """Take bytes as they come (any split); answer through the line."""

    def closed(self) -> None:
        """Take note that the client is gone."""


Service = Callable[[Line], Session]
"""Make the session of a new connection."""
