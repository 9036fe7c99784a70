"""Watch the holder's heartbeat; when it fails, kill what is left of the holder, then act.

The holder writes to our standard input: one line of JSON with the plan, then single bytes:
``e`` energised (from now on the deadline counts), ``i`` idle, ``.`` a beat, ``s`` the holder makes
the bench safe (and must say ``i`` or ``h`` in a bounded time), ``h`` it could not: act, and go on
watching; ``q`` the orderly end, ``l`` the orderly end of one that could not: act, kill nobody.
Each byte is answered with itself, so that the holder knows that we live. With ``--now`` the steps
are carried out at once and nobody is watched.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from rig.guardian.holder import Holder
from rig.guardian.log import Log
from rig.guardian.safe import make_safe

__all__ = ["main"]

_DEAF_TO = ("SIGHUP", "SIGINT", "SIGTERM", "SIGQUIT", "SIGPIPE", "SIGTSTP", "SIGUSR1", "SIGUSR2")
_IN, _OUT = 0, 1
_BUSY = 3.0
"""A holder that runs and is silent (a starved machine, a long call into a library) gets so many
deadlines; one that is stopped gets one. The watchdog relay's 2 s are not used up by it.
"""
_LOOK_AGAIN_S = 0.05


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
    heart = _Heart(plan, rest, holder, lambda: _help(plan["links"], log))
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

    def __init__(
        self, plan: dict[str, object], heard: bytes, holder: Holder, help_now: Callable[[], None]
    ) -> None:
        self._deadline_s = float(str(plan["deadline_s"]))
        self._safe_within_s = float(str(plan.get("safe_within_s", 60.0)))
        self._first, self._holder, self._help = heard, holder, help_now
        self._energised = self._ended = False
        self._safe_by_s: float | None = None
        self.left = False
        """Whether the holder ends in order and leaves the bench to us."""
        self._beat_s = time.monotonic()

    def watch(self) -> str | None:
        """Return why the bench must be made safe; None after an orderly end."""
        heard: bytes | None = self._first
        while True:
            self._take(heard or b"")
            if self._ended:
                return "the holder could not do it" if self.left else None
            left_s = self._patience_s()
            if left_s is not None and left_s <= 0:
                return f"no heartbeat for {time.monotonic() - self._beat_s:.2f} s"
            if self._safe_by_s is not None and time.monotonic() > self._safe_by_s:
                return f"the holder was still making the bench safe after {self._safe_within_s} s"
            heard = os.read(_IN, 4096) if select.select([_IN], (), (), left_s)[0] else None
            if heard == b"":
                return "the holder's pipe is closed"

    def _take(self, heard: bytes) -> None:
        """Take bytes in their order; each is a beat too."""
        for byte in heard:
            if byte in b"ei":
                self._energised = byte == ord("e")
            elif byte == ord("h"):
                self._help()
            if byte == ord("s"):
                self._safe_by_s = time.monotonic() + self._safe_within_s
            elif byte in b"eih":
                self._safe_by_s = None
            elif byte in b"ql":
                self._ended, self.left = True, byte == ord("l")
        if heard:
            _answer(heard)
            self._beat_s = time.monotonic()

    def _patience_s(self) -> float | None:
        """Return how long to wait for the next beat; None while nothing is energised."""
        if not self._energised:
            return None
        left_s = self._left_s(1.0)
        if left_s > 0:
            return left_s
        if _waiting():
            return _LOOK_AGAIN_S
        return min(self._left_s(_BUSY), _LOOK_AGAIN_S) if self._holder.busy() else left_s

    def _left_s(self, deadlines: float) -> float:
        return self._beat_s + deadlines * self._deadline_s - time.monotonic()


def _help(links: list[dict[str, object]], log: Log) -> None:
    """Make the bench safe beside the watching."""
    log("the holder could not do it, and lives on: making the bench safe")
    helper = threading.Thread(target=make_safe, args=(links, log), daemon=True)
    try:
        helper.start()
    except (RuntimeError, MemoryError) as error:
        log(f"no thread for it: {error}")


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
