"""Watch the holder's heartbeat; when it fails, kill what is left of the holder, then act.

The holder writes to our standard input: one line of JSON with the plan, then single bytes:
``e`` energised (from now on the deadline counts), ``i`` idle, ``.`` a beat, ``q`` the orderly end,
``l`` the orderly end of a holder that could not make the bench safe: act, and kill nobody.
Each byte is answered with itself, so that the holder knows that we live. With ``--now`` the steps
are carried out at once and nobody is watched.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress

from rig.guardian.holder import Holder
from rig.guardian.log import Log
from rig.guardian.safe import make_safe

__all__ = ["main"]

_DEAF_TO = ("SIGHUP", "SIGINT", "SIGTERM", "SIGQUIT", "SIGPIPE", "SIGTSTP", "SIGUSR1", "SIGUSR2")
_IN, _OUT = 0, 1


def main() -> int:
    """Return 0 after an orderly end or a bench made safe, 1 when some box is not."""
    for name in _DEAF_TO:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    line, rest = _read_line()
    if not line:
        return 0  # the holder died before it said anything: nothing was energised
    plan = json.loads(line)
    if "--now" in sys.argv:
        return 0 if make_safe(plan["links"], Log(plan.get("log"), echo=_OUT)) else 1
    os.set_blocking(_OUT, False)
    log = Log(plan.get("log"))
    holder = Holder(int(plan["holder"]))
    _answer(b"r")
    heart = _Heart(float(plan["deadline_s"]), rest)
    why = heart.watch()
    if why is None:
        return 0
    if not heart.left:
        why += "; killed the holder" if holder.kill() else "; the holder is gone"
    log(f"{why}: making the bench safe")
    safe = make_safe(plan["links"], log)
    return 0 if safe else 1


class _Heart:
    """The beats of the holder."""

    def __init__(self, deadline_s: float, heard: bytes) -> None:
        self._deadline_s, self._heard = deadline_s, heard
        self._energised = False
        self.left = False
        """Whether the holder ends in order and leaves the bench to us."""
        self._beat_s = time.monotonic()

    def watch(self) -> str | None:
        """Return why the bench must be made safe; None after an orderly end."""
        while True:
            for byte in self._heard:
                if byte == ord("q"):
                    return None
                if byte == ord("l"):
                    self.left = True
                    return "the holder could not do it"
                if byte in b"ei":
                    self._energised = byte == ord("e")
            if self._heard:
                _answer(self._heard)
                self._beat_s = time.monotonic()
            left_s = None
            if self._energised:
                left_s = self._beat_s + self._deadline_s - time.monotonic()
            if left_s is not None and left_s <= 0 and not _waiting():
                return f"no heartbeat for {self._deadline_s:g} s"
            if not select.select([_IN], (), (), None if left_s is None else max(left_s, 0.0))[0]:
                self._heard = b""
                continue
            self._heard = os.read(_IN, 4096)
            if not self._heard:
                return "the holder's pipe is closed"


def _waiting() -> bool:
    """Say whether a beat has come that was not read yet: it may be us who were late."""
    return bool(select.select([_IN], (), (), 0)[0])


def _answer(data: bytes) -> None:
    with suppress(OSError):  # the holder does not read: its beats will say so
        os.write(_OUT, data)


def _read_line() -> tuple[bytes, bytes]:
    """Return the first line of standard input, and what came behind it."""
    heard = b""
    while b"\n" not in heard:
        data = os.read(_IN, 65536)
        if not data:
            return b"", b""
        heard += data
    line, _, rest = heard.partition(b"\n")
    return line, rest
