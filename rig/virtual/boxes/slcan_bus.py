"""A CAN bus in the process: frames reach every other node at the instant they are sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from instruments.clock import Clock

__all__ = ["BusFrame", "CanBus", "CanNode"]


@dataclass(frozen=True, slots=True)
class BusFrame:
    """One classic frame as it was on the bus."""

    identifier: int
    data: bytes = b""
    extended: bool = False
    remote: bool = False
    length: int = 0
    """Bytes of data, or bytes asked for in a remote frame."""
    t_s: float = 0.0
    """Clock time on the bus; set by the bus."""


class CanNode:
    """One node's place on a bus; ``bit_rate`` None = off the bus."""

    def __init__(self, bus: CanBus, received: Callable[[BusFrame], None]) -> None:
        self._bus, self.received = bus, received
        self.bit_rate: int | None = None
        self.silent = False
        """A silent node hears, but acknowledges nothing."""

    def send(self, frame: BusFrame) -> bool:
        """Put a frame on the bus; False = nobody acknowledged it, it reached nobody."""
        return self._bus.carry(self, frame)


class CanBus:
    """Nodes in the order they were attached; only those at the sender's bit rate hear a frame."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._nodes: list[CanNode] = []

    def attach(
        self, received: Callable[[BusFrame], None], *, bit_rate: int | None = None
    ) -> CanNode:
        """Give a node its place."""
        node = CanNode(self, received)
        node.bit_rate = bit_rate
        self._nodes.append(node)
        return node

    def carry(self, sender: CanNode, frame: BusFrame) -> bool:
        """Stamp a frame by the clock and hand it to the others; False without acknowledgement."""
        if sender.bit_rate is None or sender.silent:
            return False
        others = [
            node for node in self._nodes if node is not sender and node.bit_rate == sender.bit_rate
        ]
        if all(node.silent for node in others):
            return False
        now = self._clock.now()
        stamped = BusFrame(
            frame.identifier, frame.data, frame.extended, frame.remote, frame.length, now
        )
        for node in others:
            node.received(stamped)
        return True
