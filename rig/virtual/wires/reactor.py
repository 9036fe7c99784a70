"""One selector over every listener, connection and serial line of the simulated boxes."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from rig.virtual.wires.contract import Service
from rig.virtual.wires.line import HubLine, Port, Transport
from rig.virtual.wires.tcp_port import TcpConnection

__all__ = ["Reactor", "Ready"]

MAX_CONNECTIONS = 32
"""Connections per address; further clients are turned away."""

Ready = tuple[list[int], list[int]]
"""Descriptors to read from and to write to."""


def _raise(_address: str, error: Exception) -> None:
    raise error


class Reactor:
    """Serve sessions, one after another, in the order in which their lines were opened.

    Nothing here is locked: whoever drives it (the client's thread, the helper while the client
    waits, or the loop of a server process) is alone with it.
    """

    def __init__(self) -> None:
        self.ports: dict[str, Port] = {}
        self.wall_time = False
        self.woken = False
        self.report: Callable[[str, Exception], None] = _raise
        """What to do with an error of a session; raises it unless told otherwise."""
        self.on_push: Callable[[HubLine], None] = self.finish
        """What to do with output that a box sends of its own accord."""
        self._listeners: dict[str, socket.socket] = {}
        self._actions: dict[int, Callable[[], None]] = {}
        self._reading: list[int] = []
        self._writing: dict[int, HubLine] = {}
        self._held: list[HubLine] = []
        self.wake_fd, self._wake_end = os.pipe()
        os.set_blocking(self.wake_fd, False)
        os.set_blocking(self._wake_end, False)
        self._watch(self.wake_fd, self.clear_wake)

    def add_listener(self, address: str, listener: socket.socket, service: Service) -> None:
        """Accept connections at ``address`` and serve each with a session of its own."""
        port = self.ports[address] = Port(address)
        self._listeners[address] = listener
        self._watch(listener.fileno(), lambda: self._accept(port, listener, service))

    def add_line(self, address: str, transport: Transport, service: Service) -> None:
        """Serve the one line at ``address``."""
        port = self.ports[address] = Port(address)
        self._open(port, transport, service)

    def remove(self, address: str) -> None:
        """Reset every line of an address and listen there no more."""
        port = self.ports.pop(address)
        listener = self._listeners.pop(address, None)
        if listener is not None:
            self._unwatch(listener.fileno())
            listener.close()
        for line in list(port.lines):
            self._drop(line, reset=True)

    def wake(self) -> None:
        """End the present wait; may be called from a signal handler or another thread."""
        with suppress(BlockingIOError):  # a full pipe wakes as well
            os.write(self._wake_end, b"!")

    def clear_wake(self) -> None:
        """Take note of a wake-up."""
        self.woken = True
        with suppress(BlockingIOError):
            os.read(self.wake_fd, 4096)

    def close(self) -> None:
        """Close the wake-up pipe; every address must have been removed."""
        os.close(self.wake_fd)
        os.close(self._wake_end)

    def wait(self, timeout_s: float | None) -> Ready:
        """Wait until something can be done."""
        readable, writable, _ = select.select(self._reading, self._writing, (), timeout_s)
        return readable, writable

    def serve(self, ready: Ready) -> bool:
        """Do what can be done; say whether there was anything."""
        readable, writable = ready
        for fd in writable:
            if (line := self._writing.get(fd)) is not None:
                self.finish(line)
        for fd in readable:
            if (action := self._actions.get(fd)) is not None:
                action()
        return bool(readable or writable)

    def finish(self, line: HubLine) -> None:
        """Book what a session charged and pass on what it said, or hold both back (wall time)."""
        owed_s, line.owed_s = line.owed_s, 0.0
        if line.dead:
            return
        if not self.wall_time:
            line.port.charge_s += owed_s
        elif owed_s:
            self._hold(line, owed_s)
        if line.held_until is None:
            self._flush(line)

    def next_release(self) -> float | None:
        """Return the monotonic time at which the next held line goes on, None without one."""
        return min((line.held_until or 0.0 for line in self._held), default=None)

    def release(self, now: float) -> None:
        """Let lines go on whose turnaround is over at the monotonic time ``now``."""
        for line in [held for held in self._held if (held.held_until or 0.0) <= now]:
            self._held.remove(line)
            line.held_until = None
            if not line.dead:
                self._watch(line.fd, partial(self._receive, line))
                self._flush(line)
                self._resume(line)

    def _resume(self, line: HubLine) -> None:
        """Let the session take up messages that came with one that took its time."""
        resumed = getattr(line.session, "resumed", None)
        if resumed is not None and not line.dead and not line.closing:
            self._run(line, resumed)

    def _hold(self, line: HubLine, owed_s: float) -> None:
        now = time.monotonic()
        if line.held_until is None:
            self._held.append(line)
            self._unwatch(line.fd)
        line.held_until = max(line.held_until or now, now) + owed_s

    def _flush(self, line: HubLine) -> None:
        if not line.flush():
            self._writing[line.fd] = line
            return
        self._writing.pop(line.fd, None)
        if line.closing:
            # in virtual time a client's time-out is only a hang guard, so it must see the end
            self._drop(line, reset=line.broken_off or not self.wall_time)
            line.port.torn = True

    def _accept(self, port: Port, listener: socket.socket, service: Service) -> None:
        try:
            connected, _ = listener.accept()
        except OSError:
            return  # the client gave up before it was served
        transport = TcpConnection(connected)
        if len(port.lines) >= MAX_CONNECTIONS:
            transport.close(reset=True)
            return
        port.torn = False
        self._open(port, transport, service)

    def _open(self, port: Port, transport: Transport, service: Service) -> None:
        line = HubLine(port, transport, self._push, lambda: self.wall_time)
        port.lines.append(line)
        self._watch(line.fd, partial(self._receive, line))
        self._run(line, lambda: setattr(line, "session", service(line)))

    def _push(self, line: HubLine) -> None:
        self.on_push(line)

    def _receive(self, line: HubLine) -> None:
        try:
            data = line.transport.read()
        except BlockingIOError:
            return
        except OSError:
            data = b""  # reset by the client
        session = line.session
        if not data or session is None:
            self._drop(line, reset=False)
            return
        line.port.due -= len(data)
        if not line.closing:
            self._run(line, lambda: session.received(data))

    def _run(self, line: HubLine, call: Callable[[], None]) -> None:
        line.serving = True
        try:
            call()
        except Exception as error:  # any fault of a box is reported, none is lost
            self._failed(line, error)
        finally:
            line.serving = False
        self.finish(line)

    def _failed(self, line: HubLine, error: Exception) -> None:
        line.port.torn = True
        try:
            if not (self.wall_time and line.transport.lossy):
                self._drop(line, reset=True)
        finally:
            self.report(line.port.address, error)

    def _drop(self, line: HubLine, *, reset: bool) -> None:
        if line.dead:
            return
        line.dead = True
        self._unwatch(line.fd)
        self._writing.pop(line.fd, None)
        line.port.lines.remove(line)
        line.transport.close(reset=reset)
        if line.session is None:
            return
        try:
            line.session.closed()
        except Exception as error:  # as in _run
            self.report(line.port.address, error)

    def _watch(self, fd: int, action: Callable[[], None]) -> None:
        self._actions[fd] = action
        self._reading = list(self._actions)

    def _unwatch(self, fd: int) -> None:
        if self._actions.pop(fd, None) is not None:
            self._reading = list(self._actions)
