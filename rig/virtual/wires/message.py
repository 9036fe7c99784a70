"""Message-based instruments, and the plain stream (socket, serial line) in front of one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from rig.virtual.wires.contract import Line, Service, Session
from rig.virtual.wires.splitter import MessageTooLongError, Splitter

__all__ = ["MessageDevice", "Response", "note", "stream_service"]

_JOIN_BELOW = 65536


@dataclass(frozen=True, slots=True)
class Response:
    """What a box says to one program message, and how long it took over it."""

    data: bytes
    """Without terminator; empty when nothing is to be said."""
    turnaround_s: float = 0.0


class MessageDevice(Protocol):
    """A message-based instrument, shared by all its connections.

    A device may also have ``interrupted()`` (a new message came while a reply was unread, the
    reply is gone: -410) and ``unterminated()`` (a reply was asked for and there is none: -420);
    VXI-11 and HiSLIP call them where they exist.
    """

    def execute(self, message: bytes) -> Response:
        """Do one program message, given without its terminator."""

    def status_byte(self) -> int:
        """Return the status byte; bit 4 (MAV) of the link is added by its protocol."""

    def clear(self) -> None:
        """Act on a device clear: input and output are forgotten, settings stay."""

    def trigger(self) -> None:
        """Act on a group execute trigger."""


def note(device: MessageDevice, event: str) -> None:
    """Tell a device of a query error (``"interrupted"``, ``"unterminated"``) if it listens."""
    hook = getattr(device, event, None)
    if hook is not None:
        hook()


def stream_service(device: MessageDevice) -> Service:
    """Put ``device`` behind LF-terminated messages; CR LF is accepted, replies end with LF."""

    def connect(line: Line) -> Session:
        return _Stream(device, line)

    return connect


class _Stream:
    """One connection; replies queue up, nothing is ever discarded (facts E3).

    In wall time a message waits until the one before it is over, as in a box's input buffer.
    """

    def __init__(self, device: MessageDevice, line: Line) -> None:
        self._device, self._line = device, line
        self._splitter = Splitter()
        self._waiting: deque[bytes] = deque()

    def received(self, data: bytes) -> None:
        """Execute every message that is complete."""
        try:
            messages = self._splitter.feed(data)
        except MessageTooLongError:
            self._line.close()
            return
        self._waiting += messages
        self.resumed()

    def resumed(self) -> None:
        """Execute what waits, up to a message that takes its time."""
        while self._waiting:
            response = self._device.execute(self._waiting.popleft())
            self._answer(response)
            if response.turnaround_s and getattr(self._line, "paced", False):
                return

    def closed(self) -> None:
        """Forget an unfinished message, and those that wait."""
        self._splitter.clear()
        self._waiting.clear()

    def _answer(self, response: Response) -> None:
        if response.turnaround_s:
            self._line.charge(response.turnaround_s)
        if not response.data:
            return
        if len(response.data) < _JOIN_BELOW:
            self._line.send(response.data + b"\n")
        else:
            self._line.send(response.data)
            self._line.send(b"\n")
