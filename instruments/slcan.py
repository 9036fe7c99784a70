"""CAN adapters that speak SLCAN (Lawicel ASCII) over a serial line, real or inside USB.

Facts: facts/instruments.md section D3. Firmwares differ in what they answer; the dialect says
which answers may be waited for.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import replace

from instruments.capabilities import CanFrame, Identity
from instruments.clock import Clock
from instruments.errors import BenchError, CannotDo, LinkClosed, Refused, UsageError
from instruments.links.byte_stream import ByteLink
from instruments.ratings import SlcanDialect
from instruments.slcan_codec import Answer, SlcanStream, StampedFrame, encode_frame
from instruments.slcan_stamps import StampClock

__all__ = ["Slcan"]

_RATES = {
    10_000: 0,
    20_000: 1,
    50_000: 2,
    100_000: 3,
    125_000: 4,
    250_000: 5,
    500_000: 6,
    800_000: 7,
    1_000_000: 8,
}
_FLAGS = {
    0: "RX_FULL",
    1: "TX_FULL",
    2: "ERROR_WARNING",
    3: "OVERRUN",
    5: "ERROR_PASSIVE",
    6: "ARBITRATION_LOST",
    7: "BUS_ERROR",
}
_BEL = 7
_MOST_OWED = 8
"""Frames an adapter may owe the acknowledgement of: two cycles of an end of the plug."""
_VERSION = re.compile(rb"V[^\r\x07]*\r")
_LONGEST_VERSION = 256


class Slcan:
    """One adapter; frames are stamped by its clock where it has one, else when they are read.

    Where it acknowledges nothing, nothing is waited for, and a refusal goes unnoticed. Where it
    does, a frame's acknowledgement is not waited for either, so that frames of one cycle leave
    together: a refusal that comes later is raised by a later call. Several threads may use it: one
    question and its answer are never torn apart.
    """

    def __init__(self, link: ByteLink, clock: Clock, dialect: SlcanDialect) -> None:
        self._link, self._clock, self._dialect = link, clock, dialect
        self._stream, self._stamps = SlcanStream(), StampClock()
        self._frames: list[CanFrame] = []
        self._answers: list[Answer] = []
        self._owed: deque[int] = deque()
        """Identifiers of the frames that have not been acknowledged yet, oldest first."""
        self._joined = self._listening = False
        self._lock = threading.RLock()

    def identify(self) -> Identity:
        """Return version (``V``) and, where the adapter tells it, serial number (``N``)."""
        with self._lock:
            version = self._ask("reading the version", "V")
            serial = (
                self._ask("reading the serial number", "N") if self._dialect.status_flags else ""
            )
            return Identity(
                "", "SLCAN adapter", serial.removeprefix("N"), version.removeprefix("V")
            )

    def join(self, bit_rate: int, *, listen_only: bool = False) -> None:
        """Open the channel at 10, 20, 50, 100, 125, 250, 500, 800 or 1000 kbit/s."""
        if bit_rate not in _RATES:
            known = ", ".join(str(rate) for rate in _RATES)
            raise CannotDo(f"{self._link.name}: bit_rate must be one of {known}, got {bit_rate}")
        doing = f"joining the bus at {bit_rate} bit/s"
        with self._lock:
            self.leave()
            self._command(doing, f"S{_RATES[bit_rate]}")
            if self._dialect.timestamps:
                self._command(doing, "Z1")
            if self._dialect.listen_only == "M1":
                self._command(doing, "M1" if listen_only else "M0")
            listens = listen_only and self._dialect.listen_only == "L"
            self._command(doing, "L" if listens else "O")
            self._joined, self._listening = True, listen_only

    def leave(self) -> None:
        """Close the channel, drop what was received; harmless when it is closed already."""
        with self._lock:
            self._joined = False
            # Twice: the first may only end a command that stands half-written in the adapter.
            self._link.write(b"C\rC\r")
            if self._dialect.acknowledges:
                self._drain()
            while self._link.read():
                pass
            self._stream, self._stamps = SlcanStream(), StampClock()
            self._frames.clear()
            self._answers.clear()
            self._owed.clear()

    def send(self, frame: CanFrame) -> None:
        """Hand one frame over; ``Refused`` where the adapter would not take it, or one before."""
        with self._lock:
            if not self._joined or self._listening:
                raise UsageError(
                    f"{self._link.name} must have joined the bus, and not as a listener"
                )
            self._settle_owed(_MOST_OWED - 1)
            self._write(encode_frame(frame))
            if self._dialect.acknowledges:
                self._owed.append(frame.identifier)
                self._look("sending")

    def receive(self) -> tuple[CanFrame, ...]:
        """Return the frames that have come since the last call, oldest first; does not wait."""
        with self._lock:
            if self._joined:
                self._look("receiving")
            frames, self._frames = tuple(self._frames), []
            self._answers.clear()
            return frames

    def read_status(self) -> frozenset[str]:
        """Return the names of the adapter's status flags (``F``); reading clears them."""
        with self._lock:
            if not self._dialect.status_flags:
                raise CannotDo(f"{self._link.name}: this adapter tells no status")
            if not self._joined:
                raise UsageError(f"{self._link.name} must have joined the bus to tell its status")
            doing = "reading the status"
            reply = self._ask(doing, "F")
            try:
                bits = int(reply.removeprefix("F"), 16)
            except ValueError as error:
                raise self._error(doing, "F and two hexadecimal digits", repr(reply)) from error
            return frozenset(name for bit, name in _FLAGS.items() if bits >> bit & 1)

    def make_safe(self) -> None:
        """Leave the bus, so that nothing more is sent."""
        self.leave()

    def close(self) -> None:
        """Leave the bus where it was joined, close the line."""
        with self._lock:
            try:
                if self._joined:
                    self.leave()
            finally:
                self._link.close()

    def _command(self, doing: str, command: str) -> None:
        self._tell(doing, f"{command}\r".encode("ascii"))

    def _look(self, doing: str) -> None:
        """Take what has come, and settle with it; waits for nothing."""
        self._sort(doing, b"".join(iter(self._link.read, b"")))
        self._settle_owed(len(self._owed))

    def _settle_owed(self, most: int) -> None:
        """Hold answers against the frames they are for; wait until at most so many are owed."""
        while self._owed and (self._answers or len(self._owed) > most):
            identifier = self._owed[0]
            answer = self._await_answer(f"sending {identifier:#x}")
            self._owed.popleft()
            if not answer.accepted:
                raise self._refused(f"sending {identifier:#x}")

    def _tell(self, doing: str, data: bytes) -> None:
        """Send a command, wait for its acknowledgement where there will be one."""
        self._settle_owed(0)
        self._answers.clear()
        self._write(data)
        if self._dialect.acknowledges and not self._await_answer(doing).accepted:
            raise self._refused(doing)

    def _ask(self, doing: str, question: str) -> str:
        """Return the text that answers a question; frames that come before it are kept."""
        self._settle_owed(0)
        self._answers.clear()
        self._write(f"{question}\r".encode("ascii"))
        while True:
            answer = self._await_answer(doing)
            if not answer.accepted:
                raise self._refused(doing)
            if answer.text:
                return answer.text

    def _await_answer(self, doing: str) -> Answer:
        while not self._answers:
            self._sort(doing, self._link.await_bytes())
        return self._answers.pop(0)

    def _drain(self) -> None:
        """Read away all up to the answer of a question asked last; no frame has a V in it."""
        self._link.write(b"V\r")
        tail = b""
        while not _VERSION.search(tail):
            tail = tail[-_LONGEST_VERSION:] + self._link.await_bytes()

    def _write(self, data: bytes) -> None:
        try:
            self._link.write(data)
        except LinkClosed:
            self._joined = False
            raise

    def _sort(self, doing: str, data: bytes) -> None:
        """Put received frames and answers where they belong."""
        try:
            for found in self._stream.feed(data):
                if isinstance(found, StampedFrame):
                    self._frames.append(self._stamped(found))
                else:
                    self._answers.append(found)
        except ValueError as error:
            raise self._error(doing, "a line of SLCAN", str(error)) from error

    def _stamped(self, found: StampedFrame) -> CanFrame:
        now_s = self._clock.now()
        if found.stamp_ms is None:
            return replace(found.frame, t_s=now_s)
        return replace(found.frame, t_s=self._stamps.place(found.stamp_ms, now_s))

    def _refused(self, doing: str) -> Refused:
        return Refused(
            doing,
            box=self._link.name,
            address=self._link.address,
            expected="a carriage return",
            got="BEL",
            code=_BEL,
        )

    def _error(self, doing: str, expected: str, got: str) -> BenchError:
        return BenchError(
            doing, box=self._link.name, address=self._link.address, expected=expected, got=got
        )
