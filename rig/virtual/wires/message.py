"""A message-based instrument as its wires see it: one message in, one response out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["MessageDevice", "Response"]


@dataclass(frozen=True, slots=True)
class Response:
    """What a box says to one program message, and what the exchange cost in the box's time."""

    data: bytes
    """Without terminator; empty when nothing is to be said."""
    turnaround_s: float = 0.0


class MessageDevice(Protocol):
    """An instrument that talks in messages, shared by all its connections."""

    def execute(self, message: bytes) -> Response:
        """Carry out one program message (without terminator) and answer it."""

    def status_byte(self) -> int:
        """Return the status byte as a serial poll does, which clears the request for service."""

    def clear(self) -> None:
        """Take a device clear: forget input and output, keep settings and status."""

    def trigger(self) -> None:
        """Take a group execute trigger."""
