"""Virtual time: serve the boxes only while the client waits, in its thread or in its stead."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from instruments.errors import BenchError
from rig.virtual.wires.helper import Helper
from rig.virtual.wires.line import HubLine, Port
from rig.virtual.wires.reactor import Reactor

__all__ = ["Pump"]

HANG_GUARD_S = 30.0
"""Wall time after which bytes that never arrive are an error."""
_TORN_GRACE_S = 0.02
"""Wall time to wait for bytes that a box may have lost with the connection it closed."""


class Pump:
    """Hand the reactor over between the client's thread and one helper, strictly in turn.

    The helper does one of two things: serve everything while the client sits in a library call,
    or only pass queued output to the kernel (no box runs then) while the client reads a reply
    that is larger than the kernel's buffers.
    """

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._helper = Helper()
        self._serving = False
        self._flushing: list[HubLine] = []
        self._errors: list[Exception] = []
        reactor.on_push = self._push

    def sent(self, address: str, count: int) -> None:
        """Serve until ``count`` more bytes to ``address`` are consumed and nothing else waits.

        Return at once when nothing listens there; raise what a session raised.
        """
        port = self._reactor.ports.get(address)
        if port is None or self._serving:
            return
        self.quiet()
        port.due += count
        try:
            self._drain(port)
        finally:
            port.due = 0
        self._flush_on(port)

    @contextmanager
    def blocking(self, address: str) -> Iterator[None]:
        """Serve on the helper until all is consumed at the end; raise what a session raised."""
        if self._serving:
            yield
            return
        self.quiet()
        report, self._reactor.report = self._reactor.report, self._collect
        self._serving = True
        self._start(self._serve_until_woken)
        try:
            yield
        finally:
            self._reactor.wake()
            self._helper.finish()
            self._serving = False
            self._reactor.report = report
            self._settle_accounts(address)

    def quiet(self) -> None:
        """Have the reactor alone: end a flush that goes on."""
        if not self._flushing:
            return
        self._reactor.wake()
        self._helper.finish()
        self._reactor.clear_wake()
        lines, self._flushing = self._flushing, []
        for line in lines:
            self._reactor.finish(line)

    def close(self) -> None:
        """End the helper."""
        self.quiet()
        self._helper.close()

    def _drain(self, port: Port) -> None:
        reactor, timeout_s, deadline = self._reactor, 0.0, None
        while True:
            if reactor.serve(reactor.wait(timeout_s)):
                timeout_s = 0.0
                continue
            if port.due <= 0 or not port.lines:
                return
            now = time.monotonic()
            if deadline is None:
                deadline = now + (_TORN_GRACE_S if port.torn else HANG_GUARD_S)
            if now >= deadline:
                self._give_up(port)
                return
            timeout_s = deadline - now

    def _give_up(self, port: Port) -> None:
        if port.torn:
            return  # they went down with the connection that the box closed
        raise BenchError(
            "handing a message over",
            box="simulated box",
            address=port.address,
            expected="every byte written to arrive",
            got=f"{port.due} bytes missing after {HANG_GUARD_S:g} s",
            did="stopped waiting",
        )

    def _serve_until_woken(self) -> None:
        reactor = self._reactor
        while not reactor.woken:
            reactor.serve(reactor.wait(None))
        while reactor.serve(reactor.wait(0.0)):
            pass

    def _settle_accounts(self, address: str) -> None:
        for port in self._reactor.ports.values():
            port.due = 0
        if (port_here := self._reactor.ports.get(address)) is not None:
            self._flush_on(port_here)
        if self._errors:
            error = self._errors[0]
            self._errors.clear()
            raise error

    def _collect(self, _address: str, error: Exception) -> None:
        self._errors.append(error)

    def _flush_on(self, port: Port) -> None:
        lines = [line for line in port.lines if line.backlog]
        if lines:
            self._start_flush(lines)

    def _start_flush(self, lines: list[HubLine]) -> None:
        self._flushing = lines
        self._start(lambda: self._flush_until_woken(lines))

    def _start(self, job: Callable[[], None]) -> None:
        self._reactor.clear_wake()  # a wake-up of yesterday must not end this job
        self._reactor.woken = False
        self._helper.start(job)

    def _flush_until_woken(self, lines: list[HubLine]) -> None:
        waiting = {line.fd: line for line in lines}
        while waiting:
            woken, writable, _ = select.select((self._reactor.wake_fd,), waiting, (), None)
            if woken:
                return
            for fd in writable:
                if waiting[fd].flush():
                    del waiting[fd]

    def _push(self, line: HubLine) -> None:
        """Pass on what a box says of its own accord, also while a long reply is under way."""
        under_way = self._flushing
        self.quiet()
        self._reactor.finish(line)
        left = [one for one in under_way if one.backlog and not one.dead]
        if left:
            self._start_flush(left)
