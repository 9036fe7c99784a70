"""A HiSLIP server in synchronized mode (IVI-6.1, protocol version 1.0)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import count

from rig.virtual.wires.contract import Line, Session
from rig.virtual.wires.message import MessageDevice, note
from rig.virtual.wires.splitter import MessageTooLongError, Splitter

__all__ = ["HislipServer"]

MAX_MESSAGE = 1 << 20
"""Payload in bytes that the server takes in one HiSLIP message."""

_HEADER = struct.Struct("!2sBBIQ")
_INITIALIZE, _INITIALIZE_RESPONSE, _FATAL_ERROR, _ERROR = 0, 1, 2, 3
_DATA, _DATA_END, _CLEAR_COMPLETE, _CLEAR_ACKNOWLEDGE = 6, 7, 8, 9
_REMOTE_LOCAL, _REMOTE_LOCAL_RESPONSE, _TRIGGER = 10, 11, 12
_INTERRUPTED, _ASYNC_INTERRUPTED = 13, 14
_MAX_SIZE, _MAX_SIZE_RESPONSE = 15, 16
_ASYNC_INITIALIZE, _ASYNC_INITIALIZE_RESPONSE, _ASYNC_CLEAR = 17, 18, 19
_STATUS_QUERY, _STATUS_RESPONSE, _ASYNC_CLEAR_ACKNOWLEDGE = 21, 22, 23
_LOCK_INFO, _LOCK_INFO_RESPONSE = 24, 25
_BAD_HEADER, _NOT_BOTH_CHANNELS, _BAD_INITIALIZATION = 1, 2, 3
_UNKNOWN_MESSAGE, _TOO_LARGE = 1, 4
_RMT_DELIVERED = 1
_VERSION_1_0 = 0x0100
_VENDOR = int.from_bytes(b"OR", "big")
_MESSAGE_AVAILABLE = 0x10


def _message(kind: int, control: int = 0, parameter: int = 0, payload: bytes = b"") -> bytes:
    return _HEADER.pack(b"HS", kind, control, parameter, len(payload)) + payload


class HislipServer:
    """The instrument behind one HiSLIP port; pairs the two connections of each client."""

    def __init__(self, device: MessageDevice) -> None:
        self.device = device
        self.conversations: dict[int, _Conversation] = {}
        self._ids = count(1)

    def connect(self, line: Line) -> Session:
        """Make the session of a new connection, synchronous or asynchronous."""
        return _Connection(self, line)

    def begin(self, line: Line) -> _Conversation:
        """Open a conversation on its synchronous connection."""
        number = next(self._ids) & 0xFFFF
        self.conversations[number] = _Conversation(self, number, line)
        return self.conversations[number]


class _Connection:
    """One of the two connections of a client; cuts the stream into HiSLIP messages."""

    def __init__(self, server: HislipServer, line: Line) -> None:
        self._server, self._line = server, line
        self._buffer = bytearray()
        self._conversation: _Conversation | None = None
        self._handle: Callable[[int, int, int, bytes], None] = self._initialize
        self._dead = False

    def received(self, data: bytes) -> None:
        """Handle every message that is complete."""
        self._buffer += data
        while not self._dead and len(self._buffer) >= _HEADER.size:
            prologue, kind, control, parameter, size = _HEADER.unpack_from(self._buffer)
            if prologue != b"HS":
                self._fatal(_BAD_HEADER, b"not a HiSLIP header")
                return
            if size > MAX_MESSAGE:
                self._line.send(_message(_ERROR, _TOO_LARGE, payload=b"message too large"))
                self._hang_up()
                return
            end = _HEADER.size + size
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[_HEADER.size : end])
            del self._buffer[:end]
            self._handle(kind, control, parameter, payload)

    def closed(self) -> None:
        """End the conversation; one connection is no use without the other."""
        if self._conversation is not None:
            self._conversation.end()

    def _initialize(self, kind: int, _control: int, parameter: int, _payload: bytes) -> None:
        if kind == _INITIALIZE:
            conversation = self._conversation = self._server.begin(self._line)
            version = min(parameter >> 16, _VERSION_1_0)
            self._line.send(_message(_INITIALIZE_RESPONSE, 0, version << 16 | conversation.number))
            self._handle = conversation.synchronous
        elif kind == _ASYNC_INITIALIZE and parameter & 0xFFFF in self._server.conversations:
            conversation = self._server.conversations[parameter & 0xFFFF]
            self._conversation = conversation
            conversation.asynchronous_line = self._line
            self._line.send(_message(_ASYNC_INITIALIZE_RESPONSE, 0, _VENDOR))
            self._handle = conversation.asynchronous
        else:
            self._fatal(_BAD_INITIALIZATION, b"not an initialization")

    def _fatal(self, code: int, text: bytes) -> None:
        self._line.send(_message(_FATAL_ERROR, code, payload=text))
        self._hang_up()

    def _hang_up(self) -> None:
        self._dead = True
        self._buffer.clear()
        self._line.close()


class _Conversation:
    """One client's conversation over its pair of connections."""

    def __init__(self, server: HislipServer, number: int, line: Line) -> None:
        self.number = number
        self.asynchronous_line: Line | None = None
        self._server, self._device, self._line = server, server.device, line
        self._input = Splitter(MAX_MESSAGE)
        self._client_max = MAX_MESSAGE
        self._reply_unread = False

    def end(self) -> None:
        """Close both connections; harmless when done already."""
        if self._server.conversations.pop(self.number, None) is not None:
            self._line.close()
            if self.asynchronous_line is not None:
                self.asynchronous_line.close()

    def synchronous(self, kind: int, control: int, parameter: int, payload: bytes) -> None:
        """Handle a message on the synchronous connection."""
        if self.asynchronous_line is None:
            self._line.send(_message(_FATAL_ERROR, _NOT_BOTH_CHANNELS, payload=b"one channel"))
            self.end()
        elif kind in (_DATA, _DATA_END):
            self._data(control, parameter, payload, last=kind == _DATA_END)
        elif kind == _TRIGGER:
            self._check_interrupted(control, parameter)
            self._device.trigger()
        elif kind == _CLEAR_COMPLETE:
            self._line.send(_message(_CLEAR_ACKNOWLEDGE))
        elif kind not in (_ERROR, _FATAL_ERROR):
            self._line.send(_message(_ERROR, _UNKNOWN_MESSAGE, payload=b"unknown message"))

    def asynchronous(self, kind: int, control: int, _parameter: int, payload: bytes) -> None:
        """Handle a message on the asynchronous connection."""
        answer = _message(_ERROR, _UNKNOWN_MESSAGE, payload=b"unknown message")
        if kind == _MAX_SIZE and len(payload) == 8:
            self._client_max = max(1, int.from_bytes(payload, "big"))
            answer = _message(_MAX_SIZE_RESPONSE, payload=struct.pack("!Q", MAX_MESSAGE))
        elif kind == _STATUS_QUERY:
            answer = _message(_STATUS_RESPONSE, self._status_byte(control))
        elif kind == _ASYNC_CLEAR:
            self._clear()
            answer = _message(_ASYNC_CLEAR_ACKNOWLEDGE)
        elif kind == _REMOTE_LOCAL:
            answer = _message(_REMOTE_LOCAL_RESPONSE)
        elif kind == _LOCK_INFO:
            answer = _message(_LOCK_INFO_RESPONSE)
        elif kind in (_ERROR, _FATAL_ERROR):
            return
        self._send_asynchronous(answer)

    def _data(self, control: int, message_id: int, payload: bytes, *, last: bool) -> None:
        self._check_interrupted(control, message_id)
        try:
            messages = self._input.feed(payload)
        except MessageTooLongError:
            self._line.send(_message(_ERROR, _TOO_LARGE, payload=b"message too large"))
            return
        for message in messages + (self._input.finish() if last else []):
            self._execute(message, message_id)

    def _execute(self, message: bytes, message_id: int) -> None:
        response = self._device.execute(message)
        if response.turnaround_s:
            self._line.charge(response.turnaround_s)
        if response.data:
            self._reply_unread = True
            self._reply(memoryview(response.data + b"\n"), message_id)

    def _reply(self, data: memoryview, message_id: int) -> None:
        """Send a reply in messages of the size the client takes, the last one marked."""
        for start in range(0, len(data), self._client_max):
            part = data[start : start + self._client_max]
            kind = _DATA_END if start + len(part) == len(data) else _DATA
            header = _HEADER.pack(b"HS", kind, 0, message_id, len(part))
            if len(part) < 4096:
                self._line.send(header + part)
            else:
                self._line.send(header)
                self._line.send(bytes(part))

    def _check_interrupted(self, control: int, message_id: int) -> None:
        """Notice that the client speaks again without having read the reply to the end."""
        if self._reply_unread and not control & _RMT_DELIVERED:
            self._line.send(_message(_INTERRUPTED, 0, message_id))
            self._send_asynchronous(_message(_ASYNC_INTERRUPTED, 0, message_id))
            note(self._device, "interrupted")
        self._reply_unread = False

    def _status_byte(self, control: int) -> int:
        if control & _RMT_DELIVERED:
            self._reply_unread = False
        available = _MESSAGE_AVAILABLE if self._reply_unread else 0
        return self._device.status_byte() | available

    def _clear(self) -> None:
        self._input.clear()
        self._reply_unread = False
        self._device.clear()

    def _send_asynchronous(self, message: bytes) -> None:
        if self.asynchronous_line is not None:
            self.asynchronous_line.send(message)
