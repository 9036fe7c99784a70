"""Both ends of the port: the unit's pins, the EVPS's terminals, the analyser's element."""

from __future__ import annotations

from collections.abc import Callable

from rig.virtual.network.live import Live
from rig.virtual.network.port import Port
from rig.virtual.network.port_coil import ContactorPair
from rig.virtual.network.ports_analyser import dc_quantities
from rig.virtual.network.world import World
from rig.virtual.ports import AcQuantities, SupplyReading, SupplySetting
from rig.virtual.unit.v2h import PortInputs

__all__ = ["EvpsTerminals", "PortElement", "UnitPins"]


class EvpsTerminals:
    """The supply behind the EVPS's own contactor."""

    def __init__(self, live: Live, port: Port) -> None:
        self._live, self._port = live, port

    def apply(self, setting: SupplySetting) -> None:
        """Act on a new setting from now on."""
        self._port.supply(setting, self._live.world().t_s)

    def read(self) -> SupplyReading:
        """Return what stands at the supply's terminals now."""
        return self._port.reading(self._live.world().t_s)


class PortElement:
    """The analyser's element at the inlet; amps and watts are positive into the vehicle."""

    def __init__(self, live: Live, port: Port) -> None:
        self._live, self._port = live, port

    def average(self, start_s: float, end_s: float) -> AcQuantities:
        """Return mean volts, amps and watts."""
        self._live.world()
        return dc_quantities(*self._port.mean(start_s, end_s))


class UnitPins:
    """The unit's pins at the port; the world is up to the present whenever the unit acts."""

    def __init__(
        self,
        world: World,
        port: Port,
        pair: ContactorPair,
        wake_at: Callable[[float], None],
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
        self._world.at(at_s, lambda t_s: self._port.lines.pull_k(on, t_s))

    def drive_contactors(self, on: bool, at_s: float) -> None:
        """Close or open the unit's switch in the coils' circuit."""
        self._world.at(at_s, lambda t_s: self._pair.drive(on, t_s))

    def bleed(self, on: bool, at_s: float) -> None:
        """Connect or part the bleeder."""
        self._world.at(at_s, lambda t_s: self._port.bleed(on, t_s))

    def on_lines(self, listener: Callable[[float], None]) -> None:
        """Call ``listener`` when the unit can see another level; the last one given."""
        self._port.lines.heard = listener
