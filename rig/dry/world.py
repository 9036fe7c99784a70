"""What stand-ins answer by: a unit that runs as told, at nominal values, and never trips."""

from __future__ import annotations

from dataclasses import dataclass, field

from instruments.clock import Clock
from rig.bench.model import BenchFile
from rig.controller import SocketName

__all__ = ["World"]


@dataclass(slots=True)
class World:
    """The state that the stand-ins of one bench share."""

    bench: BenchFile
    clock: Clock
    pack_v: float = 0.0
    pack_on: bool = False
    running: bool = False
    enabled: frozenset[SocketName] = frozenset()
    currents: dict[str, tuple[float, float]] = field(default_factory=dict)
    """RMS current and power factor of each load that is on, by role."""
    branches: int = 0
    branches_until_s: float = float("-inf")

    def live(self, socket: str) -> bool:
        """Say whether a socket has its voltage."""
        return self.pack_on and self.running and socket in self.enabled

    def voltage_v(self, socket: str) -> float:
        """Return a socket's voltage."""
        return self.bench.unit.nominal_voltage_v if self.live(socket) else 0.0

    def load(self, socket: str) -> tuple[float, float]:
        """Return active power and current at a socket: the load's and the step bank's."""
        volts = self.voltage_v(socket)
        if not volts:
            return 0.0, 0.0
        wiring = self.bench.wiring.sockets[socket]
        current_a, factor = self.currents.get(wiring.load, (0.0, 1.0))
        closed = self.branches if self.clock.now() <= self.branches_until_s else 0
        resistors = sum(closed >> bit & 1 for bit in wiring.step_branches)
        step_a = resistors * volts / self.bench.wiring.step_resistance_ohm
        return volts * (current_a * abs(factor) + step_a), current_a + step_a

    @property
    def power_w(self) -> float:
        """Return the active power of all sockets."""
        return sum(self.load(socket)[0] for socket in self.bench.wiring.sockets)
