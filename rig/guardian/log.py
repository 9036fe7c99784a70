"""What the guardian did, line by line; a full disk or a closed pipe never stops it."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

__all__ = ["Log"]


class Log:
    """Append lines with UTC time to a file, and pass them on; every failure is ignored."""

    def __init__(self, path: str | None, *, echo: int | None = None) -> None:
        self._echo = echo
        self._file: int | None = None
        self._lock = threading.Lock()
        if path is not None:
            try:
                self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            except OSError:
                self._file = None

    def __call__(self, text: str) -> None:
        """Write one line."""
        now = time.time()
        stamp = (
            time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
        )
        with self._lock:
            self._write(self._file, f"{stamp} {text}\n")
            self._write(self._echo, f"{text}\n")

    @staticmethod
    def _write(file: int | None, line: str) -> None:
        if file is None:
            return
        with suppress(OSError):  # nothing may keep the guardian from its work
            os.write(file, line.encode("utf-8", "replace"))
