"""The guardian as its holder sees it: started before anything is energised, beaten, watched."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from instruments.clock import Clock
from instruments.errors import BenchError
from rig.bench.guard_steps import guard_links
from rig.bench.lock import BenchLock
from rig.bench.model import BenchFile
from rig.clock import VirtualClock

__all__ = ["Guard", "GuardianLost", "Unguarded", "guarded", "guardian_command"]

DEADLINE_S = 0.5
"""An energised holder that is silent for longer is killed and the bench made safe."""
_BEAT_S = 0.1
_DEAF_S = 1.0
"""A guardian that has answered no beat for so long is as good as dead."""
_STARTS_S = 10.0
_ENDS_S = 2.0
_ACTS_S = 20.0
_LOOK_S = 0.05
_VERIFIES_S = 20.0


class GuardianLost(BenchError):
    """Say that the guardian is dead or stopped, so that nothing may be energised."""


class Guard(Protocol):
    """Somebody who makes the bench safe when this process cannot."""

    def alive(self) -> bool:
        """Say whether the guardian lives and answers."""

    def beat(self) -> None:
        """Say that this process lives; raises ``GuardianLost`` when the guardian does not."""

    def watching(self) -> AbstractContextManager[None]:
        """Bracket what is energised: inside, silence and a lost guardian have consequences.

        They have them afterwards too, until ``made_safe``.
        """

    def making_safe(self) -> None:
        """Say that this process makes the bench safe now; the guardian does when that hangs."""

    def made_safe(self) -> None:
        """Say that the bench is safe: silence, and the end of this process, mean nothing now."""

    def help(self) -> None:
        """Have the guardian make the bench safe at once, beside this process, which lives on."""


class Unguarded:
    """No guardian: in virtual time nobody can die between two events."""

    def alive(self) -> bool:
        """Say yes."""
        return True

    def beat(self) -> None:
        """Do nothing."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Bracket nothing."""
        yield

    def making_safe(self) -> None:
        """Do nothing."""

    def made_safe(self) -> None:
        """Do nothing."""

    def help(self) -> None:
        """Do nothing."""


@contextmanager
def guarded(
    spec: BenchFile,
    addresses: Mapping[str, str],
    run_dir: Path,
    clock: Clock,
    *,
    lock: BenchLock | None = None,
    deadline_s: float = DEADLINE_S,
) -> Iterator[Guard]:
    """Have a guardian for a bench in wall time; it logs to ``guardian.log`` in the run folder.

    It inherits the bench's locks: the bench is held until it has been made safe.
    """
    if isinstance(clock, VirtualClock) or sys.platform == "win32":
        yield Unguarded()
        return
    plan = {
        "holder": os.getpid(),
        "deadline_s": deadline_s,
        "safe_within_s": _safe_within_s(spec),
        "log": str((run_dir / "guardian.log").absolute()),
        "links": guard_links(spec, addresses),
    }
    process = _Process(plan, clock, lock.descriptors if lock else ())
    try:
        yield process
    finally:
        process.close()


def _safe_within_s(spec: BenchFile) -> float:
    """Return how long the safe state may take: every step in turn, and a look at the terminals."""
    return sum(step.within_s for step in spec.safe_state) + _VERIFIES_S


def guardian_command(*options: str) -> list[str]:
    """Return what runs the guardian: a bare interpreter, without site packages or environment."""
    folder = Path(__file__).resolve().parents[1] / "guardian"
    return [sys.executable, "-S", "-E", "-I", str(folder), *options]


class _Process:
    """The guardian process, and the thread that beats for this one.

    The thread proves that the process runs; that its clock goes on, the watchdog relay proves.
    """

    def __init__(self, plan: Mapping[str, Any], clock: Clock, keep: Sequence[int]) -> None:
        self._clock = clock
        self._child = subprocess.Popen(
            guardian_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=keep,
            cwd="/",
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._to, self._from = self._child.stdin.fileno(), self._child.stdout.fileno()
        self._lost: str | None = None
        self._answered_s: float | None = None
        self._heard_of = threading.Event()  # either of the two is known
        self._closing = self._energised = False
        with suppress(BrokenPipeError):  # a guardian that died at once is found dead below
            self._child.stdin.write(json.dumps(plan).encode() + b"\n")
            self._child.stdin.flush()
        os.set_blocking(self._to, False)
        self._thread = threading.Thread(target=self._run, name="guardian's beat", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The guardian's process number."""
        return self._child.pid

    def alive(self) -> bool:
        """Say whether the guardian lives and answers; wait for it while it starts."""
        self._heard_of.wait(_STARTS_S)
        return self._answered_s is not None and self._lost is None

    def beat(self) -> None:
        """Say that this process lives; raises ``GuardianLost`` when the guardian does not."""
        if self._lost is None:
            self._send(b".")
        if self._lost is not None:
            raise self._error()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Bracket what is energised; inside, a lost guardian is raised by the clock."""
        if not self.alive():
            raise self._error()
        self._energised = True
        self._send(b"e")
        look = self._clock.call_every(_LOOK_S, self._raise_if_lost)
        try:
            yield
        finally:
            look.cancel()

    def making_safe(self) -> None:
        """Give this process a bounded time to make the bench safe."""
        if self._energised:
            self._send(b"s")

    def help(self) -> None:
        """Have the guardian make the bench safe at once; it goes on watching."""
        self._send(b"h")

    def made_safe(self) -> None:
        """Let the guardian rest."""
        self._energised = False
        self._send(b"i")

    def close(self) -> None:
        """End the guardian: in order where the bench is safe, else by leaving it to its work."""
        self._closing = True
        self._send(b"l" if self._energised else b"q")
        try:
            self._child.wait(_ACTS_S if self._energised else _ENDS_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._thread.join(_ENDS_S)
        for pipe in (self._child.stdin, self._child.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _run(self) -> None:
        """Beat, and notice at once when nobody is there to hear it."""
        while self._lost is None and not self._closing:
            try:
                ready = select.select([self._from], (), (), _BEAT_S)[0]
                if ready and not os.read(self._from, 4096):
                    self._lose("it is dead")
                    return
            except OSError as error:
                self._lose(str(error))
                return
            now = time.monotonic()
            if ready:
                self._answered_s = now
                self._heard_of.set()
            elif self._answered_s is not None and now - self._answered_s > _DEAF_S:
                self._lose(f"it has not answered for {_DEAF_S:g} s")
                return
            if not ready:
                self._send(b".")

    def _send(self, data: bytes) -> None:
        if self._lost is not None:
            return
        try:
            os.write(self._to, data)
        except BlockingIOError:
            pass  # a guardian that does not read will be found deaf
        except OSError as error:
            self._lose(str(error))

    def _lose(self, why: str) -> None:
        """Take note that nobody guards us; one that was merely stopped must not wake and act."""
        if self._closing or self._lost is not None:
            return
        self._lost = why
        self._heard_of.set()
        with suppress(OSError):
            self._child.kill()

    def _raise_if_lost(self) -> None:
        if self._lost is not None:
            raise self._error()

    def _error(self) -> GuardianLost:
        return GuardianLost(
            "guarding the bench",
            box="guardian",
            address=f"pid {self._child.pid}",
            expected="it to answer each beat",
            got=self._lost or "nothing since it was started",
            did="the bench is made safe by this process",
        )
