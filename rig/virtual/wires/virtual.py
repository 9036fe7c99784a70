"""The client's side of the wires in virtual time: drain after writing, charge when settled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from rig.clock import VirtualClock
from rig.virtual.wires.hub import Hub

__all__ = ["VirtualWire", "VirtualWires"]


class VirtualWire:
    """A wire to one simulated box (implements ``instruments.links.wire.Wire``).

    A write that may not fit into the kernel's buffers (64 KiB on a socket, 2 KiB on a serial
    line) must be made inside ``blocking``; replies may be of any size.
    """

    def __init__(self, wires: VirtualWires, address: str, min_gap_s: float) -> None:
        self._wires, self._hub = wires, wires.hub
        self._address = address
        self._min_gap_s = min_gap_s
        self._free_at = 0.0
        self._owed_s = 0.0
        self._unsettled = False

    def ready(self) -> None:
        """Owe what is left of the minimum gap; time may stand still, so it is slept by settle."""
        if self._min_gap_s:
            self._owed_s += self._gap_left_s()
            self._unsettled = True

    def sent(self, count: int) -> None:
        """Run the boxes until they consumed the bytes and answered."""
        self._hub.sent(self._address, count)

    def blocking(self) -> AbstractContextManager[None]:
        """Run the boxes on a helper thread while the library call waits."""
        return self._hub.blocking(self._address)

    def waited(self, seconds: float) -> None:
        """Owe a time-out that cost the client its time: on the wall it was but a guard."""
        self._owed_s += seconds

    def settle(self) -> None:
        """Sleep the box's turnaround, and gaps that were owed, on the virtual clock."""
        charge_s = self._hub.take_charge(self._address) + self._owed_s
        self._owed_s, self._unsettled = 0.0, False
        self._wires.charge(self._address, charge_s)
        if self._min_gap_s:
            self._free_at = self._wires.free_from(self._address) + self._min_gap_s

    def _gap_left_s(self) -> float:
        if self._unsettled:
            return self._min_gap_s
        return max(0.0, self._free_at - self._wires.free_from(self._address))


class VirtualWires:
    """The wires of the virtual bench (implements ``instruments.links.wire.Wires``)."""

    concurrent = False

    def __init__(self, hub: Hub, clock: VirtualClock) -> None:
        self.hub = hub
        self._clock = clock
        self._together: dict[str, float] | None = None

    def wire(self, address: str, *, min_gap_s: float = 0.0) -> VirtualWire:
        """Return the wire of ``"host:port"`` or a serial path, plugged in or not."""
        return VirtualWire(self, address.replace("localhost:", "127.0.0.1:"), min_gap_s)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Collect charges by box, and sleep the largest box's sum at the end."""
        if self._together is not None:
            yield
            return
        collected = self._together = {}
        try:
            yield
        finally:
            self._together = None
            self._sleep(max(collected.values(), default=0.0))

    def charge(self, address: str, charge_s: float) -> None:
        """Sleep ``charge_s`` now, or let the bracket around the exchange collect it."""
        if self._together is not None:
            self._together[address] = self._together.get(address, 0.0) + charge_s
        else:
            self._sleep(charge_s)

    def free_from(self, address: str) -> float:
        """Return the clock time at which the box's exchanges so far are over."""
        collected = 0.0 if self._together is None else self._together.get(address, 0.0)
        return self._clock.now() + collected

    def _sleep(self, charge_s: float) -> None:
        if charge_s > 0.0:
            self._clock.sleep_until(self._clock.now() + charge_s)
