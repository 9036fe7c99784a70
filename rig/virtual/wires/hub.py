"""The hub: every wire of the virtual bench, served by one selector."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from instruments.errors import UsageError
from rig.clock import VirtualClock
from rig.virtual.wires.contract import Service
from rig.virtual.wires.hislip import HislipServer
from rig.virtual.wires.message import MessageDevice
from rig.virtual.wires.portmapper import portmapper_service
from rig.virtual.wires.pump import Pump
from rig.virtual.wires.reactor import Reactor
from rig.virtual.wires.serial_port import SerialPort
from rig.virtual.wires.serving import serve_in_wall_time
from rig.virtual.wires.tcp_port import HOST, listen
from rig.virtual.wires.vxi11 import Vxi11Server

__all__ = ["Guard", "Hub"]

Guard = Callable[[Service], Service]
"""Put something (faults) in front of a service."""


def _unguarded(service: Service) -> Service:
    return service


class Hub:
    """Serves all simulated boxes: pumped by the client in virtual time, or looped in wall time.

    Every socket listens on 127.0.0.1 only. One client thread may use a hub.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._reactor = Reactor()
        self._pump = Pump(self._reactor)
        self._closed = False

    def __enter__(self) -> Self:
        """Return the hub, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the hub."""
        self.close()

    @property
    def in_wall_time(self) -> bool:
        """Say whether the hub serves in wall time now."""
        return self._reactor.wall_time

    def listen_tcp(self, service: Service, *, port: int = 0) -> int:
        """Serve raw TCP connections; return the port."""
        self._pump.quiet()
        try:
            listener = listen(port)
        except OSError as error:
            raise UsageError(
                f"cannot listen on {HOST}:{port} for a simulated box: {error.strerror}; "
                "name a free port, or 0 for any"
            ) from error
        port = int(listener.getsockname()[1])
        self._reactor.add_listener(f"{HOST}:{port}", listener, service)
        return port

    def open_serial(self, service: Service) -> str:
        """Serve a pseudo-terminal; return the path that clients open."""
        self._pump.quiet()
        line = SerialPort()
        self._reactor.add_line(line.path, line, service)
        return line.path

    def listen_vxi11(
        self, device: MessageDevice, *, port: int = 0, guard: Guard = _unguarded
    ) -> int:
        """Serve a VXI-11 core channel (device ``inst0``) on a named port; return the port."""
        server = Vxi11Server(device, lambda: self._reactor.wall_time)
        return self.listen_tcp(guard(server.connect), port=port)

    def listen_portmapper(self, core_port: int, *, port: int = 111) -> int:
        """Tell clients that ask for the VXI-11 core channel its port; return the own port."""
        return self.listen_tcp(portmapper_service(core_port), port=port)

    def listen_hislip(
        self, device: MessageDevice, *, port: int = 0, guard: Guard = _unguarded
    ) -> int:
        """Serve HiSLIP (sub-address ``hislip0``, synchronized mode); return the port."""
        return self.listen_tcp(guard(HislipServer(device).connect), port=port)

    def unplug(self, address: str) -> None:
        """Reset all connections of ``"host:port"`` or a serial path and serve it no more."""
        if address not in self._reactor.ports:
            raise UsageError(f"cannot unplug {address}: no simulated box is plugged in there")
        self._pump.quiet()
        self._reactor.remove(address)

    def close(self) -> None:
        """Unplug everything; harmless when closed already."""
        if self._closed:
            return
        self._closed = True
        self._pump.close()
        for address in list(self._reactor.ports):
            self._reactor.remove(address)
        self._reactor.close()

    def sent(self, address: str, count: int) -> None:
        """Serve until ``count`` bytes just written to ``address`` are consumed."""
        self._pump.sent(address, count)

    def blocking(self, address: str) -> AbstractContextManager[None]:
        """Serve while the caller sits in a library call that waits for a box."""
        return self._pump.blocking(address)

    def take_charge(self, address: str) -> float:
        """Return the turnaround in s that the box at ``address`` charged, and forget it."""
        port = self._reactor.ports.get(address)
        if port is None:
            return 0.0
        charge_s, port.charge_s = port.charge_s, 0.0
        return charge_s

    def serve_until(self, stop: Callable[[], bool]) -> None:
        """Serve in wall time until ``stop()`` is true; ``wake`` makes the hub look at once."""
        self._pump.quiet()
        serve_in_wall_time(self._reactor, self._clock, stop)

    def wake(self) -> None:
        """Interrupt ``serve_until``; safe in a signal handler and from another thread."""
        self._reactor.wake()
