"""The simulated unit's place on the CAN bus of the plug, whatever the bench's CAN role is.

A frame is stamped with the instant the unit sent it. python-can comes with the extra ``can``; it
is imported when the unit joins.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from importlib import import_module
from typing import Any

from instruments.clock import Clock
from instruments.errors import UsageError
from rig.virtual.boxes.slcan_bus import BusFrame, CanBus
from rig.virtual.unit.v2h import Heard

__all__ = ["BusNode", "PythonCanNode"]

_BIT_RATE = 500_000
_QUEUE = 1000


class BusNode:
    """A node on the bench's own bus, beside an SLCAN adapter."""

    def __init__(self, bus: CanBus) -> None:
        self._heard: deque[Heard] = deque(maxlen=_QUEUE)
        self._node = bus.attach(self._take)

    def join(self) -> None:
        """Take part in the bus."""
        self._node.bit_rate = _BIT_RATE

    def leave(self) -> None:
        """Take no more part."""
        self._node.bit_rate = None

    def send(self, identifier: int, data: bytes, at_s: float) -> None:
        """Put a frame on the bus; nobody may be there to acknowledge it."""
        self._node.send(BusFrame(identifier, data, length=len(data)))

    def take(self) -> list[Heard]:
        """Return what came since the last call."""
        heard = list(self._heard)
        self._heard.clear()
        return heard

    def _take(self, frame: BusFrame) -> None:
        if not frame.extended and not frame.remote:
            self._heard.append(Heard(frame.identifier, frame.data))


class PythonCanNode:
    """A node on python-can's in-process bus."""

    def __init__(self, channel: str, clock: Clock) -> None:
        self._channel, self._clock = channel, clock
        self._can: Any = None  # python-can may be absent, so its types are, too
        self._bus: Any = None

    def join(self) -> None:
        """Open the bus; harmless when it is."""
        if self._bus is not None:
            return
        self._can = _import_can()
        self._bus = self._can.Bus(
            interface="virtual",
            channel=self._channel,
            preserve_timestamps=True,
            rx_queue_size=_QUEUE,
        )

    def leave(self) -> None:
        """Shut the bus down; harmless when it is."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.shutdown()

    def send(self, identifier: int, data: bytes, at_s: float) -> None:
        """Hand a frame to every other node, stamped with its instant."""
        instant = self._clock.utc() + timedelta(seconds=at_s - self._clock.now())
        self._bus.send(
            self._can.Message(
                timestamp=instant.timestamp(),
                arbitration_id=identifier,
                data=data,
                is_extended_id=False,
            )
        )

    def take(self) -> list[Heard]:
        """Return what came since the last call."""
        heard: list[Heard] = []
        while self._bus is not None and (message := self._bus.recv(timeout=0)) is not None:
            plain = not (message.is_extended_id or message.is_remote_frame)
            if plain and not message.is_error_frame and not message.is_fd:
                heard.append(Heard(message.arbitration_id, bytes(message.data)))
        return heard


def _import_can() -> Any:  # noqa: ANN401 - python-can may be absent
    try:
        return import_module("can")
    except ModuleNotFoundError as error:
        raise UsageError(
            "CAN on the virtual bench needs the extra 'can': pip install outlet-rig[can]"
        ) from error
