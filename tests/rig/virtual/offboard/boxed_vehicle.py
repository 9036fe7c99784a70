"""The simulated off-board box at a simulated plug, with the rig's vehicle role at the bench."""

from __future__ import annotations

from instruments.capabilities import CanFrame
from rig.chademo.roles import Line, Measured, Vehicle, VehicleParameters
from rig.clock import VirtualClock
from rig.virtual.boxes.slcan_bus import BusFrame, CanBus
from rig.virtual.can_nodes import BusNode
from rig.virtual.chademo import BusPort
from rig.virtual.network import Network, Plant, PortWiring, Wiring
from rig.virtual.offboard import BoxParameters, OffboardBox
from rig.virtual.ports import SupplySetting

BIT_RATE = 500_000
BOARD = 6
RELAYS = {
    "k": 0, "proximity": 2, "contactor": 3, "start": 4, "stop": 5, "emergency": 6, "discharge": 7,
}  # fmt: skip
PACK_V = 370.0


class BoxAtPlug:
    """A box, a battery of fixed voltage behind the vehicle's contactors, the rig as vehicle."""

    def __init__(self, parameters: VehicleParameters | None = None, faults=(), box=None):
        self.clock = VirtualClock()
        self.bus = CanBus(self.clock)
        self.box = OffboardBox(box or BoxParameters())
        contacts = {(BOARD, relay): name for name, relay in RELAYS.items()}
        self.net = Network(
            self.clock,
            seed=1,
            unit_seed=1,
            firmware=self.box,
            wiring=Wiring(relays_per_board=8, port=PortWiring(supply=None, contacts=contacts)),
            plant=Plant(vehicle_overhead_w=0.0),
        )
        self.box.plug_in(self.net.home_pins, BusNode(self.bus))
        self.frames: list[CanFrame] = []
        self.bus.attach(self._heard, bit_rate=BIT_RATE)
        self.pack = self.net.supply("pack")
        self.pack.apply(SupplySetting(True, PACK_V, 60.0, 15e3, 60.0, 15e3))
        can = BusPort(self.bus, "vehicle")
        can.join(BIT_RATE)
        self.vehicle = Vehicle(
            self.clock, can, _Lines(self), _Power(self), parameters, tuple(faults)
        )
        self.contact("proximity", True)
        self.run(0.1)
        self.vehicle.begin()

    def run(self, seconds):
        self.clock.sleep_until(self.clock.now() + seconds)
        self.net.advance()

    def contact(self, name, closed):
        self.net.relays(BOARD).drive(RELAYS[name], closed)

    def press(self, button):
        self.contact(button, True)
        self.run(0.2)
        self.contact(button, False)

    def said(self, identifier, since_s=0.0):
        """Return time and bytes of every frame of an identifier."""
        return [
            (f.t_s, f.data) for f in self.frames if f.identifier == identifier and f.t_s >= since_s
        ]

    @property
    def port(self):
        return self.net.port

    @property
    def amps(self):
        return self.port.pieces.last.amps

    @property
    def plug_v(self):
        return self.port.inlet_v(self.clock.now())

    def _heard(self, frame: BusFrame):
        self.frames.append(CanFrame(frame.identifier, frame.data, t_s=frame.t_s))


class _Lines:
    def __init__(self, at_plug: BoxAtPlug):
        self._at_plug = at_plug

    def read(self, line: Line) -> bool:
        self._at_plug.net.advance()
        lines = self._at_plug.port.lines
        return {
            Line.D1: lines.d1,
            Line.D2: lines.d2,
            Line.K: lines.k,
            Line.PROXIMITY: lines.plugged,
            Line.LOCK: lines.locked,
        }[line]

    def set(self, line: Line, on: bool) -> None:
        self._at_plug.contact(line.value, on)

    def changed_s(self, line: Line) -> float:
        return 0.0


class _Power:
    def __init__(self, at_plug: BoxAtPlug):
        self._at_plug = at_plug

    def measure(self) -> Measured:
        self._at_plug.net.advance()
        return Measured(self._at_plug.plug_v, self._at_plug.amps)

    def battery_v(self) -> float:
        return self._at_plug.pack.read().voltage_v

    def charge_percent(self) -> float:
        return 60.0

    def set_contactor(self, closed: bool) -> None:
        self._at_plug.contact("contactor", closed)

    def contactor_closed(self) -> bool:
        self._at_plug.net.advance()
        return self._at_plug.port.closed["vehicle"]
