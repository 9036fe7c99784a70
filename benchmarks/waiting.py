"""Waiting for another process, which tells nobody when it is done: by looking, in wall time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["awaited"]

_LOOK_S = 0.02
_Answer = TypeVar("_Answer")


def awaited(look: Callable[[], _Answer], within_s: float) -> _Answer:
    """Look again and again until the answer is true or the time is up; return the last answer."""
    deadline = time.monotonic() + within_s
    while not (answer := look()) and time.monotonic() < deadline:
        time.sleep(_LOOK_S)  # files, ports and processes of others: nothing that could be waited on
    return answer
