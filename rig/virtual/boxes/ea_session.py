"""One connection to an EA supply: SCPI and Modbus RTU by turns, told apart by the first byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from instruments.clock import Clock, ScheduledCall
from rig.virtual.boxes.ea_scpi import BUFFER
from rig.virtual.modbus import Code, exception_reply, next_candidate, seal
from rig.virtual.wires.contract import Line

__all__ = ["EaConversation", "EaSession"]

_MODBUS_FIRST = (0x00, 0x01)
_TEXT_FIRST = 0x2A
_CRC_ERROR = 0x05
_SILENCE_S = 0.05


class EaConversation(Protocol):
    """What the box says on one of its interfaces."""

    def modbus(self, unit: int, pdu: bytes) -> bytes:
        """Answer a Modbus request; b"" = nothing."""

    def scpi(self, message: str) -> str:
        """Answer an SCPI message; "" = nothing."""

    def too_long(self) -> None:
        """Report a message longer than the buffer."""

    def idle_timeout_s(self) -> float | None:
        """Return after what silence the box closes the connection; None = never."""


class EaSession:
    """Cut the stream into messages (instruments.md A1.1).

    First byte 0 or 1: a Modbus RTU frame with CRC; a wrong CRC is answered with exception 05.
    First byte from ``*`` on: text up to LF. Anything else gets a Modbus error (02, for the unit
    and function that stand there) and what came with it is thrown away. Empty lines are skipped.
    A Modbus frame left incomplete for 50 ms is forgotten.
    """

    def __init__(
        self,
        line: Line,
        box: EaConversation,
        clock: Clock,
        delay_s: float,
        on_closed: Callable[[EaSession], None],
    ) -> None:
        self._line, self._box, self._clock = line, box, clock
        self._delay_s, self._on_closed = delay_s, on_closed
        self._buffer = bytearray()
        self._discarding = self._busy = False
        self._heard_at = clock.now()
        self._open = True
        self._idle: ScheduledCall | None = None
        self._watch_idle()

    def received(self, data: bytes) -> None:
        """Take bytes in any split."""
        now = self._clock.now()
        if now - self._heard_at > _SILENCE_S and self._in_frame():
            self._buffer.clear()
        self._heard_at = now
        self._buffer += data
        self.resumed()
        if self._open and self._idle is None:
            self._watch_idle()

    def resumed(self) -> None:
        """Answer what is complete; in wall time one message, the next when it is over."""
        self._busy = False
        while self._open and self._buffer and not self._busy and self._next():
            pass

    def closed(self) -> None:
        """Take note that the client is gone."""
        self._open = False
        if self._idle is not None:
            self._idle.cancel()
        self._on_closed(self)

    def hang_up(self) -> None:
        """Close the connection from the box's side."""
        if self._open:
            self.closed()
            self._line.close()

    def _in_frame(self) -> bool:
        return bool(self._buffer) and self._buffer[0] in _MODBUS_FIRST

    def _next(self) -> bool:
        """Consume one message; False = more bytes are needed."""
        first = self._buffer[0]
        if self._discarding or first >= _TEXT_FIRST:
            return self._text()
        if first in _MODBUS_FIRST:
            return self._frame()
        if first in b"\r\n":
            del self._buffer[0]
            return True
        function = self._buffer[1] if len(self._buffer) > 1 else 0
        self._buffer.clear()
        self._reply(seal(bytes([first]) + exception_reply(function, Code.ILLEGAL_ADDRESS)))
        return False

    def _frame(self) -> bool:
        candidate = next_candidate(self._buffer)
        if candidate is None:
            return False
        frame = bytes(self._buffer[: candidate.length])
        del self._buffer[: candidate.length]
        unit, pdu = frame[:1], frame[1:-2]
        if candidate.sound:
            reply = self._box.modbus(unit[0], pdu)
        else:
            reply = exception_reply(pdu[0], _CRC_ERROR)
        self._reply(seal(unit + reply) if reply else b"")
        return True

    def _text(self) -> bool:
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > BUFFER + 1:
                self._discarding = True
                self._buffer.clear()
            return False
        message = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        if self._discarding or len(message) > BUFFER + 1:
            self._discarding = False
            self._box.too_long()
            self._reply(b"")
            return True
        reply = self._box.scpi(message.removesuffix(b"\r").decode("ascii", "replace"))
        self._reply(reply.encode("ascii", "replace") + b"\n" if reply else b"")
        return True

    def _reply(self, data: bytes) -> None:
        self._line.charge(self._delay_s)
        self._busy = self._delay_s > 0.0 and getattr(self._line, "paced", False)
        if data:
            self._line.send(data)

    def _watch_idle(self) -> None:
        timeout_s = self._box.idle_timeout_s()
        if timeout_s is not None:
            self._idle = self._clock.call_at(self._heard_at + timeout_s, self._check_idle)

    def _check_idle(self) -> None:
        self._idle = None
        timeout_s = self._box.idle_timeout_s()
        if timeout_s is not None and self._clock.now() >= self._heard_at + timeout_s:
            self.hang_up()
        else:
            self._watch_idle()
