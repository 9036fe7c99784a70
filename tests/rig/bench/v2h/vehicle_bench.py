"""The rig as the vehicle on boxes that take their time, against the rig's own EVPS role."""

from functools import partial
from types import SimpleNamespace

from port_bench import (
    CONTACTOR,
    LOOK_S,
    MEASURING_S,
    MOVES_S,
    RELAY_S,
    Analyser,
    take,
)

from instruments.capabilities import DcReading
from rig.bench.v2h.contactor import PortContactor
from rig.bench.v2h.lines import PlugLines
from rig.bench.v2h.pack_power import PackPower
from rig.bench.v2h.session import BIT_RATE, Clocks, PlugHardware
from rig.bench.v2h.vehicle_session import VehicleSession
from rig.bench.watchdog_model import Contactors
from rig.chademo.roles import Evps, Line, VehicleParameters
from rig.clock import VirtualClock
from rig.virtual.boxes.slcan_bus import CanBus
from rig.virtual.chademo.bus import BusPort
from rig.virtual.chademo.cable import Cable, Who
from rig.virtual.chademo.ends import CableLines, EvpsEnd

RELAYS = {0: Line.K, 2: Line.PROXIMITY}
INPUTS = {0: Line.D1, 1: Line.D2}


class Board:
    """Relays and inputs of the vehicle's end."""

    def __init__(self, clock, cable):
        self._clock, self._cable = clock, cable

    def set_relay(self, relay, closed):
        self._clock.call_at(self._clock.now() + MOVES_S, partial(self._move, relay, closed))
        take(self._clock, RELAY_S)

    def pulse(self, relay, duration_s):
        self.set_relay(relay, True)

    def read_inputs(self):
        take(self._clock, LOOK_S)
        return tuple(n in INPUTS and self._cable.levels[INPUTS[n]] for n in range(8))

    def _move(self, relay, closed):
        if relay == CONTACTOR:
            self._cable.ask_contactor(Who.VEHICLE, closed)
        else:
            self._cable.drive(RELAYS[relay], closed)


class VehicleBench:
    """A session with a home."""

    def __init__(self, *, vehicle=None, want=8.0):
        self.clock = clock = VirtualClock()
        self.cable, self.bus, self.failures = Cable(clock), CanBus(clock), []
        board = Board(clock, self.cable)
        spec = Contactors(board="board", relay=CONTACTOR, timeout_s=2.0, feed_s=0.5)
        hardware = PlugHardware(
            port=BusPort(self.bus, "vehicle"),
            lines=partial(
                PlugLines,
                {line: (board, n) for n, line in RELAYS.items()},
                {line: (board, n) for n, line in INPUTS.items()},
                clock,
                (0.005, 0.012),
            ),
            failed=self.failures.append,
        )
        power = partial(
            PackPower,
            SimpleNamespace(sink=SimpleNamespace(measure=self._measure)),
            (Analyser(clock, self.cable), 2),
            PortContactor(board, spec, clock),
            40_000.0,
            60.0,
            clock,
        )
        clocks = Clocks(clock, clock, clock)
        parameters = vehicle or VehicleParameters()
        self.session = VehicleSession(hardware, power, clocks, parameters, (), None)
        port = BusPort(self.bus, "evps")
        port.join(BIT_RATE)
        self.evps = Evps(clock, port, CableLines(self.cable), EvpsEnd(self.cable))
        self.evps.want(want)

    def begin(self):
        """Plug in, and press the home's start button."""
        self.session.begin()
        self.evps.begin()
        self.evps.start()

    def _measure(self):
        take(self.clock, 3 * MEASURING_S)
        volts, amps = self.cable.battery_v, self.cable.amps
        return DcReading(volts, amps, volts * amps)
