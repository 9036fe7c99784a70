"""A CAN adapter that speaks SLCAN on a serial line, simulated (facts/instruments.md D3).

Two manners: Lawicel's, where every command is answered by CR or, when it is refused, by BEL; and
CANable's, which answers nothing but ``V`` and takes ``M0``/``M1`` as normal and silent mode. One
serial line, one adapter; opening and closing the port changes nothing in it.

Stand-ins: forwarding frames by itself (auto-poll) is on at power-up; the receive queue holds 32
frames; bit timings (``sxxyy``) match only the same timing; a frame that nobody acknowledges is
given up at once and counts as a bus error. Left out: CAN FD, ``U``, ``W``, ``Q``, acceptance
filters acting on what is received.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

from instruments.clock import Clock
from rig.virtual.boxes.slcan_bus import BusFrame, CanBus
from rig.virtual.boxes.slcan_lines import LONGEST_LINE, read_frame, show_frame
from rig.virtual.wires.contract import Line, Service

__all__ = ["SlcanAdapter"]

_BIT_RATES = (10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000)
_OK, _REFUSED = "\r", "\a"
_QUEUE = 32
_RX_FULL, _WARNING, _OVERRUN, _PASSIVE, _BUS_ERROR = 0x01, 0x04, 0x08, 0x20, 0x80
_TIMING = re.compile(r"s[0-9A-F]{4}", re.ASCII | re.IGNORECASE)
_MASK = re.compile(r"[Mm][0-9A-F]{8}", re.ASCII | re.IGNORECASE)


class SlcanAdapter:
    """One adapter on a bus; ``service()`` is its serial port."""

    def __init__(
        self,
        clock: Clock,
        bus: CanBus,
        *,
        acknowledges: bool = True,
        auto_poll: bool = True,
        baud: int = 115200,
        version: str = "V1013",
        serial: str = "NA123",
    ) -> None:
        self._clock = clock
        self._node = bus.attach(self._received)
        self._acknowledges, self._baud = acknowledges, baud
        self._version, self._serial = version, serial
        self._bit_rate: int | None = None
        self._open = self._stamped = self._silent = False
        self._auto_poll = auto_poll or not acknowledges
        self._queue: deque[BusFrame] = deque()
        self._flags = 0
        self._lines: list[Line] = []

    def service(self) -> Service:
        """Return the service of the serial port."""

        def connect(line: Line) -> _Session:
            self._lines.append(line)
            return _Session(line, self, self._baud)

        return connect

    def disconnected(self, line: Line) -> None:
        """Forget a line that is gone."""
        if line in self._lines:
            self._lines.remove(line)

    def answer(self, command: str) -> str:
        """Carry out one command line; return what the adapter says."""
        reply = self._run(command)
        if self._acknowledges or command == "V":
            return reply
        return ""

    def _run(self, command: str) -> str:
        if not command:
            return _OK
        if command[0] in "tTrR":
            return self._send(command)
        if command[0] in "SsZXMm":
            return self._configure(command)
        plain: dict[str, Callable[[], str]] = {
            "O": lambda: self._join(listen_only=False),
            "L": lambda: self._join(listen_only=True),
            "C": self._leave,
            "F": self._read_flags,
            "P": lambda: self._poll(every=False),
            "A": lambda: self._poll(every=True),
            "V": lambda: self._version + _OK,
            "N": lambda: self._serial + _OK,
        }
        return plain[command]() if command in plain else _REFUSED

    def _configure(self, command: str) -> str:
        """Take what may be set while the bus is closed (CANable: silent mode any time)."""
        if not self._acknowledges and command in {"M0", "M1"}:
            self._silent = command == "M1"
            self._node.silent = self._silent
            return _OK
        if self._open:
            return _REFUSED
        if command in {f"S{n}" for n in range(len(_BIT_RATES))}:
            self._bit_rate = _BIT_RATES[int(command[1])]
        elif _TIMING.fullmatch(command) and command[0] == "s":
            self._bit_rate = -int(command[1:], 16)
        elif command in {"Z0", "Z1"}:
            self._stamped = command == "Z1"
        elif command in {"X0", "X1"}:
            self._auto_poll = command == "X1"
        elif _MASK.fullmatch(command) is None:
            return _REFUSED
        return _OK

    def _join(self, *, listen_only: bool) -> str:
        if self._open or self._bit_rate is None:
            return _REFUSED
        self._open = True
        self._queue.clear()
        self._flags = 0
        self._node.bit_rate = self._bit_rate
        self._node.silent = listen_only or self._silent
        return _OK

    def _leave(self) -> str:
        if not self._open:
            return _REFUSED
        self._open = False
        self._node.bit_rate = None
        return _OK

    def _send(self, command: str) -> str:
        frame = read_frame(command)
        if frame is None or not self._open or self._node.silent:
            return _REFUSED
        if not self._node.send(frame):
            self._flags |= _WARNING | _PASSIVE | _BUS_ERROR
        sent = "Z" if frame.extended else "z"
        return (sent if self._auto_poll else "") + _OK

    def _read_flags(self) -> str:
        if not self._open:
            return _REFUSED
        flags, self._flags = self._flags, 0
        return f"F{flags:02X}{_OK}"

    def _poll(self, *, every: bool) -> str:
        if not self._open or self._auto_poll:
            return _REFUSED
        lines = ""
        while self._queue:
            lines += show_frame(self._queue.popleft(), stamped=self._stamped) + _OK
            if not every:
                return lines
        return lines + ("A" if every else "") + _OK

    def _received(self, frame: BusFrame) -> None:
        """Take a frame off the bus: forward it, or keep it until it is polled."""
        if self._auto_poll:
            text = show_frame(frame, stamped=self._stamped) + _OK
            for line in self._lines:
                line.send(text.encode("ascii"))
        elif len(self._queue) < _QUEUE:
            self._queue.append(frame)
        else:
            self._flags |= _RX_FULL | _OVERRUN


class _Session:
    """The serial line: commands end with CR, a LF is skipped, too long a line is refused."""

    def __init__(self, line: Line, adapter: SlcanAdapter, baud: int) -> None:
        self._line, self._adapter, self._baud = line, adapter, baud
        self._buffer = ""

    def received(self, data: bytes) -> None:
        """Answer every command that is complete."""
        for char in data.decode("latin-1"):
            if char == "\r":
                self._answer()
            elif char != "\n" and len(self._buffer) <= LONGEST_LINE:
                self._buffer += char

    def closed(self) -> None:
        """Forget an unfinished command."""
        self._buffer = ""
        self._adapter.disconnected(self._line)

    def _answer(self) -> None:
        command, self._buffer = self._buffer, ""
        reply = self._adapter.answer(command)
        self._line.charge((len(command) + 1 + len(reply)) * 10.0 / self._baud)
        if reply:
            self._line.send(reply.encode("ascii"))
