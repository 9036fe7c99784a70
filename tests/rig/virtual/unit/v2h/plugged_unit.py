"""The simulated controller at a simulated plug, with the rig's EVPS role or a script at the bench.

Everything but the EVPS's logic is the virtual bench's own: circuit, relays, firmware, CAN bus.
"""

from __future__ import annotations

from instruments.capabilities import CanFrame
from rig.chademo.roles import Evps, EvpsParameters, EvpsState, Line, Measured
from rig.clock import VirtualClock
from rig.virtual.boxes.slcan_bus import BusFrame, CanBus
from rig.virtual.can_nodes import BusNode
from rig.virtual.chademo import BusPort
from rig.virtual.network import Network, PortPlant, PortWiring, Wiring
from rig.virtual.ports import SupplySetting
from rig.virtual.unit import Parameters, SimulatedController

BIT_RATE = 500_000
BOARD = 6
RELAYS = {"d1": 0, "d2": 1, "proximity": 2, "contactor": 3, "lock": 4}
PACK_V = 370.0
OFF = SupplySetting(False, 0.0, 0.0, 0.0, 0.0, 0.0)
POWER_W = 15_000.0
HOLDING_V2H, HOLDING_GEAR, HOLDING_SOC, HOLDING_ALIVE = 6, 20, 16, 22


class PluggedUnit:
    """A unit, a pack of fixed voltage, lines and an EVPS supply; frames are kept as they come."""

    def __init__(self, parameters=None, *, mode=3, soc=60.0, unit_seed=1, plant=None):
        self.clock = VirtualClock()
        self.bus = CanBus(self.clock)
        self.unit = SimulatedController(parameters or Parameters(), unit_seed=unit_seed, seed=1)
        contacts = {(BOARD, relay): name for name, relay in RELAYS.items()}
        port = PortWiring(contacts=contacts, plant=plant or PortPlant())
        self.net = Network(
            self.clock,
            seed=1,
            unit_seed=unit_seed,
            firmware=self.unit,
            wiring=Wiring(relays_per_board=8, port=port, networks={(3, 0): "reset_line"}),
        )
        self.unit.bind(self.net.advance, self.clock.now)
        self.node = BusNode(self.bus)
        self.unit.plug_in(self.net.pins, self.node)
        self.frames: list[CanFrame] = []
        self.console: list[str] = []
        self.unit.on_console_line(self.console.append)
        self.bus.attach(self._heard, bit_rate=BIT_RATE)
        self.pack_v(PACK_V)
        self.soc, self._alive = soc, 0
        self.unit.write_holding(HOLDING_V2H, [mode])
        self.speak = True
        self.clock.call_every(0.5, self._vehicle_speaks, first=0.0)
        self.clock.sleep_until(1.0)

    def pack_v(self, volts, **limits):
        both = {"source_current_a": 60.0, "sink_current_a": 60.0} | limits
        setting = SupplySetting(
            True, volts, both["source_current_a"], POWER_W, both["sink_current_a"], POWER_W
        )
        self.net.supply("pack").apply(setting)

    def run(self, seconds):
        self.clock.sleep_until(self.clock.now() + seconds)

    def contact(self, name, closed):
        self.net.relays(BOARD).drive(RELAYS[name], closed)

    def gear(self, gear):
        self.unit.write_holding(HOLDING_GEAR, [gear])

    def told(self, identifier):
        """Return the latest frame of an identifier, or None."""
        found = (f.data for f in reversed(self.frames) if f.identifier == identifier)
        return next(found, None)

    def said(self, identifier, since_s=0.0):
        """Return time and bytes of every frame of an identifier."""
        return [
            (f.t_s, f.data) for f in self.frames if f.identifier == identifier and f.t_s >= since_s
        ]

    @property
    def registers(self):
        return self.unit.read_input(48, 5)

    @property
    def port(self):
        return self.net.port

    def openings(self):
        """Return the unit's openings of its contactors."""
        return [each for each in self.port.switchings if each.who == "vehicle" and not each.closed]

    def _heard(self, frame: BusFrame):
        self.frames.append(CanFrame(frame.identifier, frame.data, t_s=frame.t_s))

    def _vehicle_speaks(self):
        if self.speak:
            self._alive = (self._alive + 1) & 0xFFFF
            self.unit.write_holding(HOLDING_SOC, [round(10 * self.soc)])
            self.unit.write_holding(HOLDING_ALIVE, [self._alive])


class BenchLines:
    """The EVPS's side of the lines: relays, and what its inputs read."""

    def __init__(self, plugged: PluggedUnit):
        self._plugged = plugged
        self._driven: dict[Line, bool] = {}

    def read(self, line: Line) -> bool:
        self._plugged.net.advance()
        lines = self._plugged.port.lines
        if line is Line.K:
            return lines.k
        if line is Line.LOCK:
            return lines.locked
        if line is Line.PROXIMITY:
            return lines.plugged
        return self._driven.get(line, False)

    def set(self, line: Line, on: bool) -> None:
        self._driven[line] = on
        self._plugged.contact(line.value, on)

    def changed_s(self, line: Line) -> float:
        return 0.0


class BenchPower:
    """The EVPS's supply and contactor, straight at the circuit."""

    def __init__(self, plugged: PluggedUnit, insulation_ohm: float = 1e6):
        self._plugged, self._ohm = plugged, insulation_ohm
        self._supply = plugged.net.supply("evps")

    def measure(self) -> Measured:
        self._plugged.net.advance()
        port, now_s = self._plugged.port, self._plugged.clock.now()
        return Measured(port.inlet_v(now_s), port.pieces.last.amps)

    def hold_voltage(self, volts: float) -> None:
        self._apply(volts, 0.5, 0.0)

    def set_current(self, amps: float) -> None:
        if amps >= 0.0:
            self._apply(500.0, amps, 0.0)
        else:
            self._apply(0.0, 0.0, -amps)

    def switch_off(self) -> None:
        self._supply.apply(OFF)

    def set_contactor(self, closed: bool) -> None:
        self._plugged.contact("contactor", closed)

    def voltage_behind(self) -> float:
        return self._supply.read().voltage_v

    def insulation_ohm(self) -> float:
        return self._ohm

    def _apply(self, volts: float, source_a: float, sink_a: float) -> None:
        self._supply.apply(SupplySetting(True, volts, source_a, POWER_W, sink_a, POWER_W))


def evps_at(plugged: PluggedUnit, parameters: EvpsParameters | None = None, faults=()) -> Evps:
    """Return the rig's EVPS role at the other end of the plug, which is in."""
    can = BusPort(plugged.bus, "evps")
    can.join(BIT_RATE)
    evps = Evps(
        plugged.clock, can, BenchLines(plugged), BenchPower(plugged), parameters, tuple(faults)
    )
    plugged.contact("proximity", True)
    plugged.run(0.1)
    evps.begin()
    return evps


def transfer(plugged: PluggedUnit, parameters=None, faults=(), amps: float = 0.0) -> Evps:
    """Bring a session to transfer, and let the current settle."""
    evps = evps_at(plugged, parameters, faults)
    evps.want(amps)
    evps.start()
    while evps.state is not EvpsState.TRANSFER and plugged.clock.now() < 20.0 + evps.begun_s:
        plugged.run(0.25)
    plugged.run(1.5)
    assert evps.state is EvpsState.TRANSFER, (evps.ending, plugged.console)
    return evps
