"""The one circuit of the virtual bench: every port and the unit's own side, by name."""

from __future__ import annotations

from typing import TypeVar

from instruments.clock import Clock
from instruments.errors import UsageError
from rig.virtual.network.contacts import SocketRelay
from rig.virtual.network.engine import Engine
from rig.virtual.network.live import Live
from rig.virtual.network.observation import Observation, observe
from rig.virtual.network.plant import Plant
from rig.virtual.network.port import Port
from rig.virtual.network.port_coil import ContactorPair
from rig.virtual.network.port_ends import EvpsTerminals, PortElement
from rig.virtual.network.port_home import HomePins, wire_vehicle
from rig.virtual.network.port_vehicle import VehiclePins, wire_home
from rig.virtual.network.ports_analyser import AcElement, DcElement, OpenElement
from rig.virtual.network.ports_faults import PointOnWave, RelayBoard
from rig.virtual.network.ports_load import LoadTerminals
from rig.virtual.network.ports_scope import ScopeProbes
from rig.virtual.network.ports_supply import OpenTerminals, PackTerminals
from rig.virtual.network.probes import AcProbes, DcProbes
from rig.virtual.network.steady import Model
from rig.virtual.network.truth import Truth
from rig.virtual.network.unit_side import UnitActuators, UnitSensors
from rig.virtual.network.wiring import Wiring
from rig.virtual.network.world import World
from rig.virtual.ports import (
    AnalyserPort,
    LoadPort,
    PointOnWavePort,
    RelayPort,
    ScopePort,
    SupplyPort,
)
from rig.virtual.unit.contract import SOCKETS, Actuators, Firmware, Sensors
from rig.virtual.unit.v2h import PortPins

__all__ = ["Network"]

T = TypeVar("T")


class Network:
    """A lazy world: it is lived up to the clock's now whenever a port is used.

    It asks the clock for no event, so bare virtual time costs nothing. ``firmware`` is powered up
    at the instant the network is made. Whoever calls the firmware from outside (its service port)
    calls ``advance`` first.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int,
        unit_seed: int,
        firmware: Firmware,
        wiring: Wiring | None = None,
        plant: Plant | None = None,
    ) -> None:
        self.wiring = wiring or Wiring()
        self.plant = plant or Plant.drawn(seed, unit_seed)
        self._seed = seed
        self._world = World(Model(self.plant, self.wiring), clock.now())
        self._live = Live(clock, Engine(self._world, firmware))
        a, b, c = (SocketRelay(self._world, k, seed, unit_seed) for k in range(len(SOCKETS)))
        self.sensors: Sensors = UnitSensors(self._world)
        self.actuators: Actuators = UnitActuators(self._world, (a, b, c))
        self._supplies: dict[str, SupplyPort] = {
            "pack": PackTerminals(self._live),
            "evps": OpenTerminals(self._live),
        }
        self.pins: PortPins | None = None
        """An on-board unit's pins at the CHAdeMO port; None: there is none."""
        self.home_pins: HomePins | None = None
        """An off-board box's; None: the unit is another."""
        if (port := self._world.port) is not None:
            self._wire_port(port, unit_seed)
        self._scopes: dict[str, ScopePort] = {
            "scope_ac": ScopeProbes(self._live, "scope_ac", AcProbes(self._world)),
            "scope_dc": ScopeProbes(self._live, "scope_dc", DcProbes(self._world)),
        }
        self._boards: dict[int, RelayBoard] = {}
        self._point_on_wave = PointOnWave(self._live, self._world)
        firmware.start(self.sensors, self.actuators, clock.now())

    def _wire_port(self, port: Port, unit_seed: int) -> None:
        wired = self.wiring.port
        assert wired is not None  # the world's port is made from it
        pair = ContactorPair(self._world, port, unit_seed, holds_s=wired.coil_holds_s)
        if wired.supply is None:
            buttons = wire_vehicle(port, pair)
            self.home_pins = HomePins(self._world, port, buttons, self._live.wake_at)
            return
        self._supplies[wired.supply] = EvpsTerminals(self._live, port)
        wire_home(self._world, port)
        self.pins = VehiclePins(self._world, port, pair, self._live.wake_at)

    def _port_element(self) -> AnalyserPort:
        port = self._world.port
        return OpenElement(self._live) if port is None else PortElement(self._live, port)

    @property
    def port(self) -> Port | None:
        """The CHAdeMO port as it is, for tests of what was measured there."""
        return self._world.port

    @property
    def truth(self) -> Truth:
        """Return the log of what really happened."""
        return self._world.truth

    def advance(self) -> None:
        """Bring the circuit and the unit up to the clock's now."""
        self._live.world()

    def observe(self) -> Observation:
        """Return what is on, closed and live now."""
        return observe(self._live.world())

    def supply(self, name: str) -> SupplyPort:
        """Return a supply's terminals: ``pack``, or ``evps`` at the CHAdeMO port."""
        return _known(self._supplies, name, "supply")

    def load(self, name: str) -> LoadPort:
        """Return the terminals of an electronic load by the wiring's name."""
        if name not in self.wiring.loads:
            raise UsageError(f"no load {name!r} is wired: there are {', '.join(self.wiring.loads)}")
        return LoadTerminals(self._live, self.wiring.loads.index(name))

    def analyser(self, name: str, element: int) -> AnalyserPort:
        """Return an element: ``analyser_ac`` 1 to 3 = sockets, ``analyser_dc`` 1 pack, 2 port."""
        if name == "analyser_ac" and 1 <= element <= len(SOCKETS):
            return AcElement(self._live, element - 1)
        if name == "analyser_dc" and element in (1, 2):
            return DcElement(self._live) if element == 1 else self._port_element()
        raise UsageError(f"no element {element} of an analyser {name!r} is wired")

    def scope(self, name: str) -> ScopePort:
        """Return the probes of ``scope_ac`` or ``scope_dc``."""
        return _known(self._scopes, name, "scope")

    def relays(self, board: int) -> RelayPort:
        """Return the contacts of one relay board."""
        if board not in self._boards:
            self._boards[board] = RelayBoard(self._live, self._world, board, self._seed)
        return self._boards[board]

    def point_on_wave(self) -> PointOnWavePort:
        """Return the branches and the reference of the point-on-wave trigger."""
        return self._point_on_wave


def _known(things: dict[str, T], name: str, kind: str) -> T:
    if name not in things:
        raise UsageError(f"no {kind} {name!r} is wired: there are {', '.join(things)}")
    return things[name]
