"""A CAN port straight on a simulated bus, without an adapter in between."""

from __future__ import annotations

from collections import deque

from instruments.capabilities import CanFrame, Identity
from instruments.errors import UsageError
from rig.virtual.boxes.slcan_bus import BusFrame, CanBus

__all__ = ["BusPort", "as_can_frame"]

_QUEUE = 1000


class BusPort:
    """One node; frames wait in the order they were on the bus, the oldest are lost in the end."""

    def __init__(self, bus: CanBus, name: str = "can") -> None:
        self._name = name
        self._heard: deque[BusFrame] = deque(maxlen=_QUEUE)
        self._node = bus.attach(self._heard.append)

    def identify(self) -> Identity:
        """Return what it is."""
        return Identity("", "simulated bus", self._name, "")

    def join(self, bit_rate: int, *, listen_only: bool = False) -> None:
        """Take part in the bus."""
        self._heard.clear()
        self._node.bit_rate, self._node.silent = bit_rate, listen_only

    def leave(self) -> None:
        """Take no more part."""
        self._node.bit_rate = None

    def send(self, frame: CanFrame) -> None:
        """Put a frame on the bus at once."""
        if self._node.bit_rate is None or self._node.silent:
            raise UsageError(f"{self._name} must have joined the bus, and not as a listener")
        self._node.send(
            BusFrame(frame.identifier, frame.data, frame.extended, frame.remote, frame.length)
        )

    def receive(self) -> tuple[CanFrame, ...]:
        """Return what has come since the last call."""
        if not self._heard:
            return ()
        frames = tuple(as_can_frame(each) for each in self._heard)
        self._heard.clear()
        return frames

    def read_status(self) -> frozenset[str]:
        """Return nothing: this bus has no errors."""
        return frozenset()

    def make_safe(self) -> None:
        """Leave the bus."""
        self.leave()

    def close(self) -> None:
        """Leave the bus."""
        self.leave()


def as_can_frame(frame: BusFrame) -> CanFrame:
    """Return a frame of the bus as ports hand it out."""
    asked = frame.length if frame.remote else 0
    return CanFrame(
        frame.identifier, frame.data, frame.extended, frame.remote, asked, t_s=frame.t_s
    )
