"""What links write beside an exchange: the kind of error first, or a note of their own."""

from __future__ import annotations

from instruments.errors import BenchError, LinkTimeout

__all__ = ["LOST_WITH_IT", "NOT_OPENED", "OPENED_ANEW", "READ_AWAY", "in_words", "is_time_out"]

NOT_OPENED = "could not be opened: "
OPENED_ANEW = "the connection had ended, or bytes had come nobody asked for; opened anew"
LOST_WITH_IT = "LinkClosed: the connection had ended after a message that nothing confirmed"
READ_AWAY = "read away before "


def in_words(kind: type[BenchError], error: Exception) -> str:
    """Return what an exchange's ``error`` says.

    >>> in_words(LinkTimeout, TimeoutError())
    'LinkTimeout: no sound answer in time'
    """
    return f"{kind.__name__}: {error}" if str(error) else f"{kind.__name__}: {_SILENCE}"


def is_time_out(note: str) -> bool:
    """Tell whether an exchange failed by waiting in vain."""
    return note.startswith(f"{LinkTimeout.__name__}: ")


_SILENCE = "no sound answer in time"
