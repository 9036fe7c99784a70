"""A Modbus RTU line with one or several units on it."""

from __future__ import annotations

from collections.abc import Mapping

from instruments.clock import Clock
from rig.virtual.modbus.crc import seal
from rig.virtual.modbus.framing import Framer
from rig.virtual.modbus.unit import Unit
from rig.virtual.wires.contract import Line

__all__ = ["RtuLine"]

_BITS_PER_BYTE = 10
"""Start bit, 8 data bits, stop bit (8N1)."""


class RtuLine:
    """A serial line with its units by address; it is a ``Service``: call it to connect.

    A frame with a wrong CRC or for an address nobody has stays unanswered. Address 0 is a
    broadcast, obeyed by the units that obey it and answered by none, unless a unit sits there.
    A frame that stands incomplete for longer than ``silence_s`` is forgotten, as by a slave that
    saw the pause; the default is wide enough for a busy host. Each request charges its own and
    its reply's bytes at ``baud``, and the unit's ``delay_s``; ``baud`` None charges no bytes.
    """

    def __init__(
        self,
        units: Mapping[int, Unit],
        clock: Clock,
        *,
        baud: int | None = 9600,
        silence_s: float = 0.05,
    ) -> None:
        self._units = dict(units)
        self.clock = clock
        self.silence_s = silence_s
        self._byte_s = _BITS_PER_BYTE / baud if baud else 0.0

    def __call__(self, line: Line) -> RtuSession:
        """Return the session of a new connection to the line."""
        return RtuSession(self, line)

    def answer(self, frame: bytes) -> tuple[bytes, float]:
        """Return the reply to one sound frame (b"" = none) and what the exchange costs in s."""
        address, pdu = frame[0], frame[1:-2]
        unit = self._unit_at(address)
        if unit is not None:
            reply = unit.handle(pdu)
            sealed = b"" if reply is None else seal(bytes([address]) + reply)
            return sealed, (len(frame) + len(sealed)) * self._byte_s + unit.delay_s
        delay_s = self._broadcast(pdu) if address == 0 else 0.0
        return b"", len(frame) * self._byte_s + delay_s

    def _unit_at(self, address: int) -> Unit | None:
        for configured, unit in self._units.items():
            if (configured if unit.unit_id is None else unit.unit_id) == address:
                return unit
        return None

    def _broadcast(self, pdu: bytes) -> float:
        """Let every unit obey; return the longest of their delays."""
        delay_s = 0.0
        for unit in self._units.values():
            if unit.obeys_broadcast:
                unit.handle(pdu)
                delay_s = max(delay_s, unit.delay_s)
        return delay_s


class RtuSession:
    """One connection to the line."""

    def __init__(self, rtu: RtuLine, line: Line) -> None:
        self._rtu, self._line = rtu, line
        self._framer = Framer()
        self._heard_at = 0.0

    def received(self, data: bytes) -> None:
        """Take bytes in any split; answer every frame they complete."""
        now = self._rtu.clock.now()
        if now - self._heard_at > self._rtu.silence_s:
            self._framer.clear()
        self._heard_at = now
        for frame in self._framer.feed(data):
            reply, cost_s = self._rtu.answer(frame)
            self._line.charge(cost_s)
            if reply:
                self._line.send(reply)

    def closed(self) -> None:
        """Forget what was incomplete."""
        self._framer.clear()
