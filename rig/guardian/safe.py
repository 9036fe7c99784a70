"""Make every box safe: connections side by side, steps one by one, each bounded in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from rig.guardian.exchange import carry_out
from rig.guardian.wire import Wire, open_wire

__all__ = ["make_safe"]

_ATTEMPTS = 5
_PAUSE_S = (0.0, 0.05, 0.2, 0.5, 1.0)
"""Before each attempt: a box may need a moment to be off, a serial adapter one to come back."""
_LONGEST_S = 15.0

Say = Callable[[str], None]


def make_safe(links: list[dict[str, object]], say: Say) -> bool:
    """Carry out every step of every link; return whether all boxes answered that they are off.

    A link that fails, or hangs, keeps no other one waiting; nor does a ``say`` that fails.
    """
    say = _unfailing(say)
    started = time.monotonic()
    workers = [_Worker(link, say, started + _LONGEST_S) for link in links]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.wait()
    left = [role for worker in workers for role in worker.left()]
    took = f"after {time.monotonic() - started:.3f} s"
    say(f"NOT SAFE {took}: {', '.join(left)}" if left else f"bench safe {took}")
    return not left


def _unfailing(say: Say) -> Say:
    def said(text: str) -> None:
        with suppress(Exception):  # a pipe that nobody reads, a full disk: nothing stays on for it
            say(text)

    return said


class _Worker:
    """The steps of one connection, in their order; those that failed are tried again."""

    def __init__(self, link: dict[str, object], say: Say, deadline: float) -> None:
        self._link, self._say, self._deadline = link, say, deadline
        steps = link["steps"]
        assert isinstance(steps, list)
        self._pending: list[dict[str, object]] = list(steps)
        self._gap_s = float(str(link.get("gap_s", 0.0)))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin, beside the others; where no thread can be had, before the next one."""
        try:
            self._thread.start()
        except (RuntimeError, MemoryError):
            self._run()

    def wait(self) -> None:
        """Return when all is done or the time is up."""
        if self._thread.ident is not None:
            self._thread.join(max(self._deadline - time.monotonic(), 0.0))

    def left(self) -> list[str]:
        """Return the roles that did not answer that they are off."""
        return [str(step["role"]) for step in self._pending]

    def _run(self) -> None:
        for attempt in range(_ATTEMPTS):
            time.sleep(_PAUSE_S[attempt])  # nobody tells when a box or an adapter is back
            if not self._pending or time.monotonic() > self._deadline:
                return
            try:
                self._once()
            except Exception as error:  # whatever it is, the next attempt follows
                self._tell(f"{type(error).__name__}: {error}")

    def _once(self) -> None:
        """Open the connection and try every step that is left."""
        wire = open_wire(self._link)
        try:
            if lead := str(self._link.get("lead", "")):
                wire.send(bytes.fromhex(lead))
            for step in list(self._pending):
                self._step(step, wire)
        finally:
            wire.close()

    def _step(self, step: dict[str, object], wire: Wire) -> None:
        within_s = float(str(step.get("within_s", 2.0)))
        deadline = min(time.monotonic() + within_s, self._deadline)
        trouble = carry_out(step, wire, self._gap_s, deadline)
        if trouble is None:
            self._pending.remove(step)
        self._say(f"{step['role']}: {trouble or 'off'}")

    def _tell(self, text: str) -> None:
        self._say(f"{', '.join(self.left())}: {text}")
