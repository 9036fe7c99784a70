"""A VXI-11 server: the core channel of one instrument on a TCP port (VXI-11 rev. 1.0)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from rig.virtual.wires.contract import Line, Session
from rig.virtual.wires.message import MessageDevice, note
from rig.virtual.wires.rpc import Call, NoSuchProcedureError, RpcSession, opaque, words
from rig.virtual.wires.splitter import MessageTooLongError, Splitter

__all__ = ["ABORT", "CORE", "Vxi11Server"]

CORE = (0x0607AF, 1)
"""Program and version of the core channel."""
ABORT = (0x0607B0, 1)
"""Program and version of the abort channel; served on the same port."""

MAX_RECEIVE = 1 << 20
_NO_ERROR, _NOT_ACCESSIBLE, _INVALID_LINK, _PARAMETER = 0, 3, 4, 5
_NOT_SUPPORTED, _LOCKED, _NO_LOCK, _TIMEOUT = 8, 11, 12, 15
_FLAG_END, _FLAG_TERM_CHAR = 0x08, 0x80
_REASON_COUNT, _REASON_CHAR, _REASON_END = 1, 2, 4
_MESSAGE_AVAILABLE = 0x10
_LONGEST_WAIT_S = 60.0


class _Link:
    """One client's link: its unfinished message and its unread reply."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.input = Splitter(MAX_RECEIVE)
        self.output = memoryview(b"")

    def forget(self) -> None:
        """Empty both buffers."""
        self.input.clear()
        self.output = memoryview(b"")


class Vxi11Server:
    """The instrument behind a core channel: its links and the lock they compete for."""

    def __init__(self, device: MessageDevice, in_wall_time: Callable[[], bool]) -> None:
        self.device = device
        self.in_wall_time = in_wall_time
        self.links: dict[int, _Link] = {}
        self.locked_by: int | None = None
        self._ids = count(1)

    def connect(self, line: Line) -> Session:
        """Make the session of a new connection."""
        channel = _Channel(self, line)
        programs = {CORE: channel.core, ABORT: channel.abort}
        return RpcSession(line, programs, channel.closed)

    def add(self, link: _Link) -> int:
        """Give a new link its number."""
        number = next(self._ids)
        self.links[number] = link
        return number

    def remove(self, number: int) -> None:
        """Forget a link and its lock."""
        del self.links[number]
        if self.locked_by == number:
            self.locked_by = None


class _Channel:
    """One connection to the core channel; decodes the calls of VXI-11 section B.6."""

    def __init__(self, server: Vxi11Server, line: Line) -> None:
        self._server, self._line = server, line
        self._own: set[int] = set()
        self._procedures: dict[int, Callable[[Call], bytes]] = {
            10: self._create_link,
            11: self._write,
            12: self._read,
            13: self._read_status_byte,
            14: self._trigger,
            15: self._clear,
            16: self._remote_or_local,
            17: self._remote_or_local,
            18: self._lock,
            19: self._unlock,
            20: self._not_supported,
            22: self._do_command,
            23: self._destroy_link,
            25: self._not_supported,
            26: self._not_supported,
        }

    def core(self, procedure: int, call: Call) -> bytes:
        """Do one procedure of the core channel."""
        if procedure not in self._procedures:
            raise NoSuchProcedureError
        return self._procedures[procedure](call)

    def abort(self, procedure: int, call: Call) -> bytes:
        """Accept an abort; no call is ever in progress when it arrives."""
        if procedure != 1:
            raise NoSuchProcedureError
        return words(_NO_ERROR if call.word() in self._server.links else _INVALID_LINK)

    def closed(self) -> None:
        """Destroy the links of a client that left without doing so."""
        for number in sorted(self._own):
            self._server.remove(number)
        self._own.clear()

    def _create_link(self, call: Call) -> bytes:
        _client, lock, _timeout_ms = call.word(), call.word(), call.word()
        if call.opaque().lower() != b"inst0":
            return words(_NOT_ACCESSIBLE, 0, 0, 0)
        if lock and self._server.locked_by is not None:
            return words(_LOCKED, 0, 0, 0)
        number = self._server.add(_Link(self._line))
        self._own.add(number)
        if lock:
            self._server.locked_by = number
        # abort port 0: the abort channel is served on this very port
        return words(_NO_ERROR, number, 0, MAX_RECEIVE)

    def _destroy_link(self, call: Call) -> bytes:
        number = call.word()
        if number not in self._own:
            return words(_INVALID_LINK)
        self._own.remove(number)
        self._server.remove(number)
        return words(_NO_ERROR)

    def _write(self, call: Call) -> bytes:
        number, _io_ms, _lock_ms, flags = call.word(), call.word(), call.word(), call.word()
        data = call.opaque()
        if error := self._refusal(number):
            return words(error, 0)
        link = self._server.links[number]
        try:
            messages = link.input.feed(data)
        except MessageTooLongError:
            return words(_PARAMETER, 0)
        for message in messages + (link.input.finish() if flags & _FLAG_END else []):
            self._execute(link, message)
        return words(_NO_ERROR, len(data))

    def _execute(self, link: _Link, message: bytes) -> None:
        if link.output:
            link.output = memoryview(b"")
            note(self._server.device, "interrupted")
        response = self._server.device.execute(message)
        if response.turnaround_s:
            self._line.charge(response.turnaround_s)
        if response.data:
            link.output = memoryview(response.data + b"\n")

    def _read(self, call: Call) -> bytes:
        number, size, io_ms, _lock_ms = call.word(), call.word(), call.word(), call.word()
        flags, term_char = call.word(), call.word()
        if error := self._refusal(number):
            return words(error, 0) + opaque(b"")
        link = self._server.links[number]
        if not link.output:
            note(self._server.device, "unterminated")
            if self._server.in_wall_time():
                self._line.charge(min(io_ms / 1000.0, _LONGEST_WAIT_S))
            return words(_TIMEOUT, 0) + opaque(b"")
        data, reason = _take(link, size, term_char if flags & _FLAG_TERM_CHAR else None)
        return words(_NO_ERROR, reason) + opaque(data)

    def _read_status_byte(self, call: Call) -> bytes:
        number = call.word()
        if error := self._refusal(number):
            return words(error, 0)
        available = _MESSAGE_AVAILABLE if self._server.links[number].output else 0
        return words(_NO_ERROR, self._server.device.status_byte() | available)

    def _trigger(self, call: Call) -> bytes:
        if error := self._refusal(call.word()):
            return words(error)
        self._server.device.trigger()
        return words(_NO_ERROR)

    def _clear(self, call: Call) -> bytes:
        number = call.word()
        if error := self._refusal(number):
            return words(error)
        self._server.links[number].forget()
        self._server.device.clear()
        return words(_NO_ERROR)

    def _remote_or_local(self, call: Call) -> bytes:
        return words(self._refusal(call.word()))

    def _lock(self, call: Call) -> bytes:
        number = call.word()
        if error := self._refusal(number):
            return words(error)
        if self._server.locked_by == number:
            return words(_LOCKED)
        self._server.locked_by = number
        return words(_NO_ERROR)

    def _unlock(self, call: Call) -> bytes:
        number = call.word()
        if number not in self._own:
            return words(_INVALID_LINK)
        if self._server.locked_by != number:
            return words(_NO_LOCK)
        self._server.locked_by = None
        return words(_NO_ERROR)

    def _not_supported(self, _call: Call) -> bytes:
        return words(_NOT_SUPPORTED)

    def _do_command(self, _call: Call) -> bytes:
        return words(_NOT_SUPPORTED) + opaque(b"")

    def _refusal(self, number: int) -> int:
        """Return why a link may not be used now, 0 when it may."""
        if number not in self._own:
            return _INVALID_LINK
        return _LOCKED if self._server.locked_by not in (None, number) else _NO_ERROR


def _take(link: _Link, size: int, term_char: int | None) -> tuple[memoryview, int]:
    """Take up to ``size`` bytes of the reply; return them and why no more."""
    data = link.output[: min(size, MAX_RECEIVE)]
    reason = 0
    if term_char is not None and (at := bytes(data).find(bytes([term_char & 0xFF]))) >= 0:
        data, reason = data[: at + 1], _REASON_CHAR
    if len(data) == size:
        reason |= _REASON_COUNT
    link.output = link.output[len(data) :]
    if not link.output:
        reason |= _REASON_END
    return data, reason
