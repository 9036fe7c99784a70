"""What was said on the wires lately, as text for a report."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import replace

from instruments.links.wire import Exchange

__all__ = ["Transcript", "escaped", "render"]

_LONGEST_SHOWN = 256
_SHOWN_OF_LONG = 48


class Transcript:
    r"""The latest exchanges with all boxes, oldest first; itself a ``TranscriptSink``.

    Bytes beyond ``longest`` are kept as their beginning, length and digest only, so that scope
    records do not fill the memory.

    >>> transcript = Transcript(limit=100)
    >>> transcript(Exchange(1.5, "load_a", "ASRL/dev/ttyS0::INSTR", b"*IDN?\n", b"Chroma\n"))
    >>> print(transcript.text())
    1.500000 load_a > *IDN?\n
    1.500000 load_a < Chroma\n
    """

    def __init__(self, limit: int = 1000, *, longest: int = _LONGEST_SHOWN) -> None:
        self._longest = longest
        self._kept: deque[Exchange] = deque(maxlen=limit)
        self._long: deque[str | None] = deque(maxlen=limit)

    def __call__(self, exchange: Exchange) -> None:
        """Take note of one exchange."""
        note = None
        if len(exchange.received) > self._longest:
            note = _abbreviated(exchange.received)
            exchange = replace(exchange, received=exchange.received[:_SHOWN_OF_LONG])
        self._kept.append(exchange)
        self._long.append(note)

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges kept, oldest first; long answers hold their beginning only."""
        return list(self._kept)

    def text(self, box: str | None = None) -> str:
        """Return the exchanges, of one box or of all, as lines of text."""
        pairs = zip(list(self._kept), list(self._long), strict=True)
        wanted = [(kept, note) for kept, note in pairs if box is None or kept.box == box]
        return "\n".join(line for kept, note in wanted for line in _lines(kept, note))


def render(exchange: Exchange) -> str:
    """Return one exchange as lines of text: ``>`` sent, ``<`` received, ``!`` what went wrong."""
    long = len(exchange.received) > _LONGEST_SHOWN
    return "\n".join(_lines(exchange, _abbreviated(exchange.received) if long else None))


def escaped(data: bytes) -> str:
    r"""Return bytes as ASCII text, everything that does not print as ``\n`` or ``\x00``."""
    return "".join(_ESCAPES[byte] for byte in data)


def _lines(exchange: Exchange, received: str | None) -> list[str]:
    head = f"{exchange.t_s:.6f} {exchange.box}"
    lines = []
    if exchange.sent:
        long = len(exchange.sent) > _LONGEST_SHOWN
        sent = _abbreviated(exchange.sent) if long else escaped(exchange.sent)
        lines.append(f"{head} > {sent}")
    if exchange.received:
        lines.append(f"{head} < {escaped(exchange.received) if received is None else received}")
    if exchange.error is not None:
        lines.append(f"{head} ! {exchange.error}")
    return lines


def _abbreviated(data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()[:16]
    return f"{escaped(data[:_SHOWN_OF_LONG])}... ({len(data)} bytes, sha256 {digest}...)"


def _escape(byte: int) -> str:
    named = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}
    if byte in named:
        return named[byte]
    return chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}"


_ESCAPES = [_escape(byte) for byte in range(256)]
