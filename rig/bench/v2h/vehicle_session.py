"""A session with the rig as the vehicle, against an off-board box."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rig.bench.v2h.lines import PlugLines
from rig.bench.v2h.pack_power import PackPower
from rig.bench.v2h.session import Clocks, PlugHardware, PlugSession
from rig.chademo.roles import Injection, Vehicle, VehicleParameters, VehicleState
from rig.chademo.roles.role import Role

__all__ = ["VehicleSession"]


class VehicleSession(PlugSession[VehicleState]):
    """Made by ``bench.v2h.session``; it begins when the box puts +12 V on d1."""

    def __init__(
        self,
        hardware: PlugHardware,
        power: Callable[[PlugLines, Callable[[], None]], PackPower],
        clocks: Clocks,
        parameters: VehicleParameters,
        injections: Sequence[Injection],
        folder: Path | None,
    ) -> None:
        super().__init__(hardware, clocks, VehicleState.FINISHED, folder)
        self.power = power(self.lines, self._power_errands.hasten)
        self.vehicle = Vehicle(
            clocks.frames, self._port, self.lines, self.power, parameters, injections
        )

    @property
    def role(self) -> Role[VehicleState]:
        """The vehicle."""
        return self.vehicle

    def begin(self) -> None:
        """Plug in, and wait for d1."""
        self._join()
        self.vehicle.begin()

    def stop(self) -> None:
        """Stop as the vehicle's user, unless it is over, and wait for the end."""
        self.vehicle.stop()
        self.await_end()

    def _visit_power(self) -> None:
        self.power.visit()
        measured = self.power.measure()
        self._note(measured, measured.amps)
