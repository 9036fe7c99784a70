"""Cut a stream of bytes into program messages, letting block data keep its line feeds."""

from __future__ import annotations

import re

__all__ = ["MessageTooLongError", "Splitter"]

MAX_MESSAGE = 1 << 20
_MARK = re.compile(rb"[\n\"'#]")


class MessageTooLongError(Exception):
    """Say that a message outgrew the input buffer of the box."""


class Splitter:
    r"""Find the ends of program messages: LF or CR LF, but not inside ``#<n><length>`` blocks.

    Empty messages are skipped (facts E3). A ``#`` inside a quoted string, or not followed by a
    digit count and that many digits, starts no block.

    >>> Splitter().feed(b"*RST\r\nDATA #12\n\n;*OPC?\n*ID")
    [b'*RST', b'DATA #12\n\n;*OPC?']
    """

    def __init__(self, limit: int = MAX_MESSAGE) -> None:
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, return the messages they complete; too long a one raises."""
        self._buffer += data
        messages: list[bytes] = []
        while (cut := self._next_end()) is not None:
            end, text_from = cut
            message = _without_return(self._buffer[:end], text_from)
            del self._buffer[: end + 1]
            if message:
                messages.append(message)
        if len(self._buffer) > self._limit:
            self.clear()
            raise MessageTooLongError(f"a message is longer than {self._limit} bytes")
        return messages

    def finish(self) -> list[bytes]:
        """Return what is left as a message: the bus said that it ends here."""
        message = bytes(self._buffer)
        self.clear()
        return [message] if message else []

    def clear(self) -> None:
        """Forget an unfinished message."""
        self._buffer.clear()

    def _next_end(self) -> tuple[int, int] | None:
        """Return the place of the next terminator and where the text before it began."""
        if b"#" not in self._buffer:
            end = self._buffer.find(b"\n")
            return None if end < 0 else (end, 0)
        quote, position, text_from = b"", 0, 0
        while (mark := _MARK.search(self._buffer, position)) is not None:
            position = mark.end()
            if mark[0] == b"\n":
                return mark.start(), text_from
            if mark[0] == b"#":
                if not quote:
                    position = text_from = _after_block(self._buffer, mark.end())
            elif quote in (b"", mark[0]):
                quote = b"" if quote else bytes(mark[0])
        return None


def _after_block(buffer: bytearray, start: int) -> int:
    """Return the place after a block whose count of digits stands at ``start``."""
    count = buffer[start : start + 1]
    if not count.isdigit() or count == b"0":
        return start
    digits = buffer[start + 1 : start + 1 + int(count)]
    if not digits.isdigit():
        return start
    if len(digits) < int(count):
        return len(buffer)
    return start + 1 + int(count) + int(digits)


def _without_return(message: bytearray, text_from: int) -> bytes:
    if len(message) > text_from and message.endswith(b"\r"):
        return bytes(message[:-1])
    return bytes(message)
