"""A current that marks the end of an outlet: a socket's resistors, closed with the trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.controller import SocketName

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["Marker"]


class Marker:
    """All resistors of the step bank at one socket; no load that could let go by itself."""

    def __init__(self, bench: Bench, socket: SocketName) -> None:
        self._bench, self._socket = bench, socket
        self._count = len(bench.spec.wiring.sockets[socket].step_branches)

    @property
    def peak_a(self) -> float:
        """Peak of their current, A."""
        power_w = self._count * self._bench.faults.step_power_w
        return 2**0.5 * power_w / self._bench.spec.unit.nominal_voltage_v

    def close(self, hold_s: float) -> tuple[float, float]:
        """Close them for ``hold_s``; return the clock's bounds on the instant of the trigger."""
        bench = self._bench
        sooner_s = bench.clock.now()
        bench.faults.step([(self._socket, self._count)], hold_s=hold_s)
        bench.faults.wait_until_fired()
        return sooner_s, bench.clock.now()
