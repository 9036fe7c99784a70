"""One served connection or serial line: its output queue, its charges, its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from rig.virtual.wires.contract import Session

__all__ = ["HubLine", "Port", "Transport"]

MAX_BACKLOG = 64 << 20
"""Bytes a client may leave unread before its connection is dropped."""
MAX_SERIAL_BACKLOG = 1 << 20
"""Bytes a serial line keeps for a reader; later ones are lost."""
_JOIN_BELOW = 65536


class Transport(Protocol):
    """The descriptor under a line; reads and writes raise BlockingIOError instead of waiting."""

    @property
    def lossy(self) -> bool:
        """Say that unread output is lost, and that the box cannot hang up (a serial line)."""

    def fileno(self) -> int:
        """Return the descriptor to select on."""

    def read(self) -> bytes:
        """Return what came, b"" at the end of the connection."""

    def write(self, data: bytes | memoryview) -> int:
        """Pass bytes on, return how many fitted."""

    def end_output(self) -> None:
        """Send the end of the stream, and go on listening."""

    def close(self, *, reset: bool) -> None:
        """End the connection."""


class Port:
    """One address of a simulated box: what it owes in bytes, in time, and its lines."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.lines: list[HubLine] = []
        self.due = 0
        """Bytes that a client wrote and the box has not consumed yet."""
        self.charge_s = 0.0
        """Turnaround of what was exchanged since it was last settled."""
        self.torn = False
        """The box ended a connection and none was opened since: bytes may have been lost."""


class HubLine:
    """The box's end of one connection, as the hub serves it (implements ``Line``)."""

    def __init__(
        self,
        port: Port,
        transport: Transport,
        pushed: Callable[[HubLine], None],
        paced: Callable[[], bool] = lambda: False,
    ) -> None:
        self.port, self.transport = port, transport
        self.session: Session | None = None
        self.fd = transport.fileno()
        self.serving = False
        self.dead = False
        self.closing = False
        self.broken_off = False
        """The connection is to end with a reset."""
        self.ending = False
        self.owed_s = 0.0
        """Turnaround charged since the hub last looked."""
        self.held_until: float | None = None
        """Monotonic time until which output and input wait (wall time only)."""
        self.backlog = 0
        self._out: deque[bytes | memoryview] = deque()
        self._pushed, self._paced = pushed, paced

    @property
    def paced(self) -> bool:
        """Say whether what is charged delays what comes next (wall time)."""
        return self._paced()

    def send(self, data: bytes | memoryview) -> None:
        """Queue bytes; they leave when the session returns, or at once when it is not running."""
        if self.dead or self.closing or self.ending or not data:
            return
        if self.backlog > (MAX_SERIAL_BACKLOG if self.transport.lossy else MAX_BACKLOG):
            self._break_off()
        else:
            self._out.append(data)
            self.backlog += len(data)
        if not self.serving:
            self._pushed(self)

    def charge(self, turnaround_s: float) -> None:
        """Add to what the present exchange costs in the box's own time."""
        if turnaround_s < 0.0:
            raise ValueError(f"a turnaround must not be negative, got {turnaround_s} s")
        self.owed_s += turnaround_s

    def close(self) -> None:
        """Close after what is queued has been sent; a serial line cannot, and stays."""
        if self.dead or self.transport.lossy:
            return
        self.closing = True
        if not self.serving:
            self._pushed(self)

    def reset(self) -> None:
        """Break the connection off at once; a serial line cannot, and stays."""
        if self.dead or self.transport.lossy:
            return
        self._break_off()
        if not self.serving:
            self._pushed(self)

    def end_output(self) -> None:
        """Send what is queued and nothing more, and go on listening."""
        if self.dead or self.ending:
            return
        self.ending = not self.transport.lossy
        if not self.serving:
            self._pushed(self)

    def flush(self) -> bool:
        """Pass queued output on as far as it fits; say whether all of it did."""
        if len(self._out) > 1 and self.backlog < _JOIN_BELOW:
            self._out = deque([b"".join(self._out)])
        while self._out:
            try:
                count = self.transport.write(self._out[0])
            except BlockingIOError:
                return False
            except OSError:  # the client is gone; the next read says so to the session
                self._discard()
                return True
            self._drop_sent(count)
        if self.ending:
            self.transport.end_output()
        return True

    def _drop_sent(self, count: int) -> None:
        self.backlog -= count
        if count == len(self._out[0]):
            self._out.popleft()
        else:
            self._out[0] = memoryview(self._out[0])[count:]

    def _break_off(self) -> None:
        if not self.transport.lossy:
            self._discard()
            self.closing = self.broken_off = True

    def _discard(self) -> None:
        self._out.clear()
        self.backlog = 0
