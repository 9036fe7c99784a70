"""One conversation with one box over VISA: SOCKET, ASRL, HiSLIP or VXI-11, by resource string."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

from instruments.clock import Clock
from instruments.errors import BenchError, LinkClosed, LinkTimeout, UsageError
from instruments.links.blocks import payload
from instruments.links.garbled import GarbledError
from instruments.links.notes import LOST_WITH_IT, NOT_OPENED, OPENED_ANEW, READ_AWAY, in_words
from instruments.links.resync import Resync
from instruments.links.transcript import escaped
from instruments.links.turn import Turn
from instruments.links.visa_address import parse_resource
from instruments.links.visa_channels import (
    Channel,
    MessageChannel,
    SerialChannel,
    SocketChannel,
    StreamChannel,
)
from instruments.links.visa_session import open_session
from instruments.links.wire import Exchange, TranscriptSink, Wires

__all__ = ["VisaLink"]

_REOPENS = "closed the connection; the next exchange opens it anew"

_LONGEST_SHOWN = 100

_T = TypeVar("_T")


class VisaLink:
    """A box behind a VISA resource string; nothing is opened before the first exchange.

    After any failure the connection is closed, and the next exchange opens it anew; a connection
    that is found closed, or with bytes on it nobody asked for, before anything was sent is opened
    anew at once. So a late answer never answers the next question; on a serial line, which has no
    connection to drop, and behind a ``device_server``, where that drops nothing, the first query
    after a failure is preceded by one whose answer is known by its form. Where the last message
    had no answer, it may have gone with the connection: then the next exchange raises
    ``LinkClosed`` in place of opening anew.
    """

    def __init__(
        self,
        resource: str,
        *,
        name: str,
        clock: Clock,
        wires: Wires,
        timeout_s: float = 2.0,
        read_termination: str = "\n",
        write_termination: str = "\n",
        baud_rate: int | None = None,
        min_gap_s: float = 0.0,
        device_server: bool = False,
        transcript: TranscriptSink | None = None,
    ) -> None:
        if timeout_s <= 0:
            raise UsageError(f"time-out of {name}: expected above 0 s, got {timeout_s}")
        if not read_termination or not write_termination:
            raise UsageError(f"terminators of {name}: expected at least one character each")
        self.name, self.address = name, resource
        self._parsed = parse_resource(resource)
        self._clock, self._transcript = clock, transcript
        self._timeout_s, self._baud_rate = timeout_s, baud_rate
        self._ends, self._read_ends = write_termination, read_termination.encode("ascii")
        self._wire = wires.wire(self._parsed.wire, min_gap_s=min_gap_s)
        self._turn = Turn(self._wire)
        self._in_one_go = not min_gap_s and self._parsed.kind in ("socket", "serial")
        self._outlives = self._parsed.kind == "serial" or (
            device_server and self._parsed.kind == "socket"
        )
        """Whether an answer may come on the next connection."""
        self._channel: Channel | None = None
        self._unconfirmed = False
        """Whether a message without answer was the last that was sent."""
        self._resync = Resync()

    def open(self) -> None:
        """Open the connection now; harmless when it is open."""
        with self._turn:
            if self._channel is None:
                self._turn.speak()
                self._open("open")

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the box for several exchanges; re-entrant."""
        return self._turn

    def write(self, command: str) -> None:
        """Send a command that is not answered."""
        self._exchange("write", command, _tell)

    def query(self, command: str, *, after: Sequence[str] = ()) -> str:
        """Send a query and return its answer without terminator and surrounding white space.

        The commands ``after`` which it is asked are sent in one piece with it where the box needs
        no gap between messages; after a failure they leave before anything is asked.
        """
        if not after:
            return self._exchange("query", command, _ask)
        if self._in_one_go and not self._resync.due:
            data = b"".join([self._message(each) for each in (*after, command)])
            return self._exchange("query", command, _ask, data)
        with self._turn:
            for each in after:
                self.write(each)
            return self._exchange("query", command, _ask)

    def query_block(self, command: str) -> bytes:
        """Send a query and return the data of the definite-length block that answers it."""
        return self._exchange("query", command, _ask_block)

    def close(self) -> None:
        """Close the connection; the next exchange would open it anew."""
        with self._turn:
            self._drop(broken=False)

    def _exchange(
        self,
        verb: str,
        command: str,
        ask: Callable[[Channel, bytes], _T],
        data: bytes | None = None,
    ) -> _T:
        """Exchange a message, or ``data`` that ends with it."""
        if data is None:
            data = self._message(command)
        with self._turn:
            self._turn.speak()
            channel = self._channel
            if channel is None or not channel.quiet():
                channel = self._reopen(verb, command)
            if self._resync.due and ask is not _tell and isinstance(channel, StreamChannel):
                self._resync_line(channel, command)
                self._turn.speak()
            t_s = self._clock.now()
            try:
                answer = ask(channel, data)
            except (OSError, VisaIOError, GarbledError) as error:
                self._note(t_s, data, channel.received, in_words(_kind_of(error), error))
                raise self._failed(verb, command, error, channel.received) from error
            except BaseException:
                self._lose(command, owed=self._outlives)  # the answer may still come
                raise
            self._unconfirmed = ask is _tell
            if self._transcript is not None:
                self._note(t_s, data, channel.received, None)
            return answer

    def _message(self, command: str) -> bytes:
        if self._ends in command or not command.isascii():
            raise UsageError(
                f"message to {self.name} at {self.address}: expected one line of ASCII without "
                f"terminator, got {_shown(command)}"
            )
        return (command + self._ends).encode("ascii")

    def _open(self, verb: str, command: str = "") -> Channel:
        t_s = self._clock.now()
        try:
            self._channel = channel = self._connect()
        except ConnectionError as error:
            self._note(t_s, b"", b"", f"{NOT_OPENED}{error}")
            raise LinkClosed(
                f"{verb} {_shown(command)}" if command else "opening the connection",
                box=self.name,
                address=self.address,
                expected="a connection",
                got=str(error),
            ) from error
        return channel

    def _connect(self) -> Channel:
        """Open a channel; raises ``ConnectionError``."""
        parsed, wire, timeout_s = self._parsed, self._wire, self._timeout_s
        with wire.blocking() if parsed.is_tcp else nullcontext():
            session = open_session(parsed, timeout_s=timeout_s, baud_rate=self._baud_rate)
        if parsed.kind == "socket":
            return SocketChannel(session, wire, terminator=self._read_ends, timeout_s=timeout_s)
        if parsed.kind == "serial":
            return SerialChannel(session, wire, terminator=self._read_ends, timeout_s=timeout_s)
        return MessageChannel(session, wire, timeout_s=timeout_s)

    def _reopen(self, verb: str, command: str) -> Channel:
        if self._channel is not None:
            lost = self._unconfirmed and self._parsed.kind != "serial"
            self._note(self._clock.now(), b"", b"", LOST_WITH_IT if lost else OPENED_ANEW)
            self._lose("", owed=self._parsed.kind == "serial")
            if lost:
                raise LinkClosed(
                    f"{verb} {_shown(command)}",
                    box=self.name,
                    address=self.address,
                    expected="the connection to last until the message before was confirmed",
                    got="its end",
                    did=_REOPENS,
                )
        return self._open(verb, command)

    def _resync_line(self, channel: StreamChannel, command: str) -> None:
        """Read away what may still come of questions asked before a failure."""
        marker = self._resync.marker()
        data, t_s = self._message(marker), self._clock.now()
        try:
            channel.ask_until(data, self._resync.answered)
        except (OSError, VisaIOError) as error:
            self._note(t_s, data, channel.received, in_words(_kind_of(error), error))
            raise self._failed("query", marker, error, channel.received) from error
        except BaseException:
            self._lose(marker, owed=True)  # its answer may still come, too
            raise
        self._resync.done()
        self._note(t_s, data, channel.received, f"{READ_AWAY}{_shown(command)}")

    def _failed(
        self, verb: str, command: str, error: Exception, received: bytes | bytearray
    ) -> BenchError:
        """Close the connection and return the error to raise."""
        kind = _kind_of(error)
        if kind is LinkTimeout:
            self._wire.waited(self._timeout_s)
        self._lose(command, owed=self._outlives)
        return kind(
            f"{verb} {_shown(command)}",
            box=self.name,
            address=self.address,
            expected=f"an answer within {self._timeout_s:g} s"
            if verb == "query"
            else "to be heard",
            got=_what_came(error, received),
            did=_REOPENS,
        )

    def _lose(self, command: str, *, owed: bool) -> None:
        self._drop(broken=True)
        if owed:
            self._resync.lost(command)

    def _drop(self, *, broken: bool) -> None:
        channel, self._channel = self._channel, None
        self._unconfirmed = False
        if channel is not None:
            channel.close(broken=broken)

    def _note(
        self, t_s: float, sent: bytes, received: bytes | bytearray, error: str | None
    ) -> None:
        if self._transcript is not None:
            self._transcript(Exchange(t_s, self.name, self.address, sent, bytes(received), error))


def _tell(channel: Channel, data: bytes) -> None:
    channel.tell(data)


def _ask(channel: Channel, data: bytes) -> str:
    try:
        text = channel.ask(data).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise GarbledError("bytes that are no text") from error
    if not (text.isprintable() or text.replace("\t", " ").isprintable()):
        raise GarbledError("control characters, which are no text")
    return text


def _ask_block(channel: Channel, data: bytes) -> bytes:
    return payload(channel.ask_block(data))


def _shown(command: str) -> str:
    return repr(command if len(command) <= _LONGEST_SHOWN else command[:_LONGEST_SHOWN] + "...")


def _kind_of(error: Exception) -> type[BenchError]:
    if isinstance(error, GarbledError):
        return BenchError
    timed_out = isinstance(error, VisaIOError) and error.error_code == StatusCode.error_timeout
    return LinkTimeout if timed_out or isinstance(error, TimeoutError) else LinkClosed


def _what_came(error: Exception, received: bytes | bytearray) -> str:
    shown = escaped(bytes(received[:60])) + ("..." if len(received) > 60 else "")
    came = f"{len(received)} bytes '{shown}'" if received else "nothing"
    return f"{came} ({error})" if str(error) else came
