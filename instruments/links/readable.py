"""Asking, without waiting, whether a socket or port has something to read."""

from __future__ import annotations

import select
import sys
from collections.abc import Callable

__all__ = ["readable_probe"]


def readable_probe(fd: int) -> Callable[[], bool]:
    """Return a call that tells whether bytes, or the end of the stream, are waiting on ``fd``."""
    if sys.platform == "win32":
        return lambda: bool(select.select([fd], (), (), 0)[0])
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    ask = poll.poll
    return lambda: bool(ask(0))
