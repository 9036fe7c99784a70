"""The port of an on-board unit: the unit is the vehicle, the bench the home."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rig.virtual.network.port import Port
from rig.virtual.network.port_coil import ContactorPair
from rig.virtual.network.port_lines import Line
from rig.virtual.network.world import World
from rig.virtual.unit.v2h import PortInputs

__all__ = ["VehiclePins", "wire_home"]


def wire_home(world: World, port: Port) -> None:
    """Let the bench's contacts drive lines and the EVPS's contactor."""
    lines: tuple[Line, ...] = ("d1", "d2", "proximity", "lock")
    for line in lines:
        port.on_contact(line, partial(port.lines.move, line))
    port.on_contact(
        "contactor", lambda on, t_s: port.move("evps", on, t_s, world.pack.last.voltage_v)
    )


class VehiclePins:
    """The unit's pins at the port; the world is up to the present whenever the unit acts."""

    def __init__(
        self, world: World, port: Port, pair: ContactorPair, wake_at: Callable[[float], None]
    ) -> None:
        self._world, self._port, self._pair = world, port, pair
        self.wake_at = wake_at

    def read(self) -> PortInputs:
        """Return the true values now."""
        world, lines, piece = self._world, self._port.lines, self._port.pieces.last
        pack = world.pack.last
        return PortInputs(
            d1=lines.d1,
            d2=lines.d2,
            plugged=lines.plugged,
            closed=self._port.closed["vehicle"],
            inlet_v=self._port.inlet_v(world.t_s),
            inlet_a=piece.amps,
            pack_v=pack.voltage_v,
            pack_a=pack.current_a,
        )

    def pull_k(self, on: bool, at_s: float) -> None:
        """Pull line k, or let it go."""
        self._world.at(at_s, lambda t_s: self._port.lines.move("k", on, t_s))

    def drive_contactors(self, on: bool, at_s: float) -> None:
        """Close or open the unit's switch in the coils' circuit."""
        self._world.at(at_s, lambda t_s: self._pair.drive(on, t_s))

    def bleed(self, on: bool, at_s: float) -> None:
        """Connect or part the bleeder."""
        self._world.at(at_s, lambda t_s: self._port.bleed(on, t_s))

    def on_lines(self, listener: Callable[[float], None]) -> None:
        """Call ``listener`` when the unit can see another level; the last one given."""
        self._port.lines.heard = listener
