"""What happens to an energised plan of itself: the event that KILL_EVENT names, whatever the tool.

Needs the standard library only, so that it runs in every peer's own environment.
"""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path

__all__ = ["EVENT", "energised"]

EVENT = os.environ["KILL_EVENT"]
_MARK = Path(os.environ["KILL_MARK"])
_SPARE_BYTES = 256 << 20
_PIECE_BYTES = 1 << 24


def energised(guardian: int = 0) -> None:
    """Say that the bench is energised, when, and by whom; then let the event happen, if it is one.

    ``guardian``: its process number; 0 where there is none.
    """
    if EVENT == "memory":
        _limit_memory()
    told = {"event_s": time.monotonic(), "pid": os.getpid(), "guardian": guardian}
    _MARK.with_suffix(".new").write_text(json.dumps(told))
    _MARK.with_suffix(".new").rename(_MARK)
    if EVENT == "exception":
        raise RuntimeError("a mistake in the plan")
    if EVENT == "assertion":
        assert EVENT == "no assertion"
    if EVENT == "memory":
        hog = []
        while True:
            hog.append(bytearray(_PIECE_BYTES))
    while EVENT == "hang":
        pass


def _limit_memory() -> None:
    """Let this process have so much more, and no more."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGESIZE") + _SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
