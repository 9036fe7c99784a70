"""ONC RPC over TCP, the server's side: record marking, calls, replies (RFC 5531, XDR RFC 4506)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from rig.virtual.wires.contract import Line

__all__ = ["BadArgumentsError", "Call", "NoSuchProcedureError", "RpcSession", "opaque", "words"]

MAX_RECORD = (1 << 20) + 4096
_LAST_FRAGMENT = 0x80000000
_CALL, _REPLY = 0, 1
_ACCEPTED, _DENIED = 0, 1
_SUCCESS, _NO_PROGRAM, _WRONG_VERSION, _NO_PROCEDURE, _BAD_ARGUMENTS = range(5)


class BadArgumentsError(Exception):
    """Say that the arguments of a call cannot be decoded."""


class NoSuchProcedureError(Exception):
    """Say that a program has no such procedure."""


class Call:
    """The arguments of one call, read in order."""

    def __init__(self, record: bytes) -> None:
        self._record, self._at = record, 0

    def word(self) -> int:
        """Read an unsigned 32-bit integer (also a bool or an enum)."""
        if self._at + 4 > len(self._record):
            raise BadArgumentsError
        (value,) = struct.unpack_from(">I", self._record, self._at)
        self._at += 4
        return int(value)

    def opaque(self) -> bytes:
        """Read counted bytes, padded to four."""
        count = self.word()
        data = self._record[self._at : self._at + count]
        if len(data) < count:
            raise BadArgumentsError
        self._at += count + -count % 4
        return data


def words(*values: int) -> bytes:
    """Encode 32-bit integers."""
    return struct.pack(f">{len(values)}I", *values)


def opaque(data: bytes | memoryview) -> bytes:
    """Encode counted bytes, padded to four."""
    return b"".join((words(len(data)), data, bytes(-len(data) % 4)))


Program = Callable[[int, Call], bytes]
"""Do a procedure by number and return its encoded result."""


class RpcSession:
    """One connection that serves programs, by (program, version)."""

    def __init__(
        self,
        line: Line,
        programs: Mapping[tuple[int, int], Program],
        on_closed: Callable[[], None] = lambda: None,
    ) -> None:
        self._line, self._programs, self._on_closed = line, programs, on_closed
        self._buffer = bytearray()
        self._record = bytearray()

    def received(self, data: bytes) -> None:
        """Answer every call that is complete; hang up on what is no call."""
        self._buffer += data
        while len(self._buffer) >= 4:
            (mark,) = struct.unpack_from(">I", self._buffer)
            size = mark & ~_LAST_FRAGMENT
            if size + len(self._record) > MAX_RECORD:
                self._hang_up()
                return
            if len(self._buffer) < 4 + size:
                return
            self._record += self._buffer[4 : 4 + size]
            del self._buffer[: 4 + size]
            if mark & _LAST_FRAGMENT:
                record = bytes(self._record)
                self._record.clear()
                self._call(record)

    def closed(self) -> None:
        """Tell the programs that the client is gone."""
        self._on_closed()

    def _hang_up(self) -> None:
        self._buffer.clear()
        self._record.clear()
        self._line.close()

    def _call(self, record: bytes) -> None:
        call = Call(record)
        try:
            xid, kind, rpc_version = call.word(), call.word(), call.word()
        except BadArgumentsError:
            kind = _REPLY
        if kind != _CALL:
            self._hang_up()
            return
        if rpc_version == 2:
            reply = words(xid, _REPLY, _ACCEPTED, 0, 0) + self._accepted(call)
        else:
            reply = words(xid, _REPLY, _DENIED, 0, 2, 2)
        self._line.send(words(_LAST_FRAGMENT | len(reply)))
        self._line.send(reply)

    def _accepted(self, call: Call) -> bytes:
        try:
            number, version, procedure = call.word(), call.word(), call.word()
            for _ in ("credential", "verifier"):
                call.word()
                call.opaque()
            program = self._programs.get((number, version))
            if program is None:
                return self._not_served(number)
            # procedure 0 of every program does nothing, so that clients can probe it
            return words(_SUCCESS) + (b"" if procedure == 0 else program(procedure, call))
        except NoSuchProcedureError:
            return words(_NO_PROCEDURE)
        except BadArgumentsError:
            return words(_BAD_ARGUMENTS)

    def _not_served(self, number: int) -> bytes:
        versions = [version for served, version in self._programs if served == number]
        if versions:
            return words(_WRONG_VERSION, min(versions), max(versions))
        return words(_NO_PROGRAM)
