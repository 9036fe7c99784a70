"""A serial line without questions and answers: either side speaks when it likes."""

from __future__ import annotations

from typing import Protocol

import serial

from instruments.clock import Clock
from instruments.errors import LinkClosed, LinkTimeout, UsageError
from instruments.links.serial_port import read_available
from instruments.links.turn import Turn
from instruments.links.wire import Exchange, TranscriptSink, Wires

__all__ = ["ByteLink", "SerialStream"]

_REOPENS = "closed the port; the next use opens it anew"


class ByteLink(Protocol):
    """What a driver of an adapter that speaks unasked needs; `SerialStream` is one."""

    @property
    def name(self) -> str:
        """The box as error messages call it."""

    @property
    def address(self) -> str:
        """Where the box is, for error messages."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def read(self) -> bytes:
        """Return the bytes that have come, perhaps none; does not wait."""

    def await_bytes(self) -> bytes:
        """Return at least one byte; raises ``LinkTimeout`` when none comes in time."""

    def close(self) -> None:
        """Close the line."""


class SerialStream:
    """One serial port; nothing is opened before the first use, and after a failure it is closed."""

    def __init__(
        self,
        port: str,
        *,
        name: str,
        clock: Clock,
        wires: Wires,
        baud_rate: int = 115_200,
        timeout_s: float = 0.5,
        transcript: TranscriptSink | None = None,
    ) -> None:
        if timeout_s <= 0:
            raise UsageError(f"time-out of {name}: expected above 0 s, got {timeout_s}")
        self.name, self.address = name, port
        self._clock, self._transcript = clock, transcript
        self._baud_rate, self._timeout_s = baud_rate, timeout_s
        self._wire = wires.wire(port)
        self._turn = Turn(self._wire)
        self._port: serial.Serial | None = None

    def write(self, data: bytes) -> None:
        """Send bytes; the wire sees them consumed."""
        with self._turn:
            self._turn.speak()
            port = self._opened()
            t_s = self._clock.now()
            try:
                port.write(data)
                self._wire.sent(len(data))
            except OSError as error:  # pyserial's own errors are OSErrors
                raise self._lost("sending", error) from error
            self._note(t_s, data, b"")

    def read(self) -> bytes:
        """Return the bytes that have come, perhaps none; does not wait."""
        return self._read(0.0)

    def await_bytes(self) -> bytes:
        """Return at least one byte; raises ``LinkTimeout`` when none comes in time."""
        if data := self._read(self._timeout_s):
            return data
        raise LinkTimeout(
            "waiting for an answer",
            box=self.name,
            address=self.address,
            expected=f"a byte within {self._timeout_s:g} s",
            got="nothing",
        )

    def close(self) -> None:
        """Close the port; the next use would open it anew."""
        with self._turn:
            port, self._port = self._port, None
            if port is not None:
                port.close()

    def _read(self, timeout_s: float) -> bytes:
        with self._turn:
            port = self._opened()
            try:
                data = read_available(port, timeout_s)
            except OSError as error:
                raise self._lost("receiving", error) from error
            if data:
                self._note(self._clock.now(), b"", data)
            return data

    def _opened(self) -> serial.Serial:
        if self._port is None:
            try:
                self._port = serial.Serial(
                    self.address,
                    baudrate=self._baud_rate,
                    timeout=self._timeout_s,
                    write_timeout=self._timeout_s,
                    exclusive=True,
                )
            except Exception as error:  # also termios.error, which cannot be imported on Windows
                raise self._lost("opening the port", error) from error
        return self._port

    def _lost(self, doing: str, error: Exception) -> LinkClosed:
        """Close the port and return the error to raise."""
        self.close()
        return LinkClosed(
            doing,
            box=self.name,
            address=self.address,
            expected="a serial line",
            got=str(error),
            did=_REOPENS,
        )

    def _note(self, t_s: float, sent: bytes, received: bytes) -> None:
        if self._transcript is not None:
            self._transcript(Exchange(t_s, self.name, self.address, sent, received))
