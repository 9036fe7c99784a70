"""The rig's end of the plug on boxes that take their time, against the rig's own vehicle role."""

from functools import partial
from types import SimpleNamespace

from instruments.capabilities import DcReading
from rig.bench.v2h.contactor import PortContactor
from rig.bench.v2h.evps_session import EvpsSession
from rig.bench.v2h.lines import PlugLines
from rig.bench.v2h.power import PortPower
from rig.bench.v2h.session import BIT_RATE, Clocks, PlugHardware
from rig.bench.watchdog_model import Contactors
from rig.chademo.roles import EvpsParameters, Line, Vehicle
from rig.clock import VirtualClock
from rig.virtual.boxes.slcan_bus import CanBus
from rig.virtual.chademo.bus import BusPort
from rig.virtual.chademo.cable import Cable, Who
from rig.virtual.chademo.ends import CableLines, VehicleEnd

SETTING_S, MEASURING_S, UPDATE_S = 0.025, 0.005, 0.1
RELAY_S, LOOK_S, MOVES_S = 0.0066, 0.0032, 0.008
RELAYS = {0: Line.D1, 1: Line.D2, 2: Line.PROXIMITY, 4: Line.LOCK}
INPUTS = {0: Line.K, 1: Line.LOCK}
CONTACTOR = 3


class Supply:
    """A bidirectional supply at the cable; ``told`` is what it was told, with the time."""

    def __init__(self, clock, cable):
        self._clock, self._cable = clock, cable
        self.source = SimpleNamespace(
            set_voltage=partial(self._set, "volts"),
            set_current_limit=partial(self._set, "source_a"),
            output_on=partial(self._set, "on", True),
            output_off=partial(self._set, "on", False),
            measure=self._measure,
        )
        self.sink = SimpleNamespace(set_current_limit=partial(self._set, "sink_a"))
        self.now = {"on": False, "volts": 0.0, "source_a": 0.0, "sink_a": 0.0}
        self.told = []

    @property
    def amps(self):
        """The current it drives into a battery."""
        battery_v = self._cable.battery_v
        if not self.now["on"]:
            return 0.0
        return self.now["source_a"] if self.now["volts"] > battery_v else -self.now["sink_a"]

    def _set(self, name, value):
        take(self._clock, SETTING_S)
        self.now[name] = value
        self.told.append((self._clock.now(), dict(self.now)))
        self._act()

    def _measure(self):
        self._act()
        take(self._clock, 3 * MEASURING_S)
        self._act()
        return DcReading(self._cable.behind_v(), self._cable.amps, 0.0)

    def _act(self):
        if all(self._cable.closed.values()) and self.now["on"]:
            self._cable.hold(None, self.amps)
        elif self.now["on"] and self.now["volts"]:
            self._cable.hold(self.now["volts"], 0.0)
        else:
            self._cable.hold(None, 0.0)


class Board:
    """Relays and inputs of the port."""

    def __init__(self, clock, cable):
        self._clock, self._cable = clock, cable
        self.pulses = []

    def set_relay(self, relay, closed):
        self._clock.call_at(self._clock.now() + MOVES_S, partial(self._move, relay, closed))
        take(self._clock, RELAY_S)

    def pulse(self, relay, duration_s):
        self.pulses.append((self._clock.now(), relay))
        self.set_relay(relay, True)

    def read_inputs(self):
        take(self._clock, LOOK_S)
        line = INPUTS.get
        return tuple(bool(line(n)) and self._cable.levels[line(n)] for n in range(8))

    def _move(self, relay, closed):
        if relay == CONTACTOR:
            self._cable.ask_contactor(Who.EVPS, closed)
        else:
            self._cable.drive(RELAYS[relay], closed)


class Analyser:
    """An analyser with a voltage input at the port."""

    def __init__(self, clock, cable):
        self._clock, self._cable = clock, cable
        self._next_s = UPDATE_S

    def measure_following(self, elements):
        take(self._clock, max(self._next_s - self._clock.now(), MEASURING_S))
        self._next_s = self._clock.now() + UPDATE_S
        reading = SimpleNamespace(voltage_dc_v=self._cable.plug().volts)
        return dict.fromkeys(elements, reading)


class PortBench:
    """A session with a vehicle; ``run`` lets time pass."""

    def __init__(self, *, evps=None, vehicle=None, injections=(), folder=None, cable=None):
        self.clock = clock = VirtualClock()
        self.cable, self.bus, self.failures = Cable(clock, cable), CanBus(clock), []
        self.supply = Supply(clock, self.cable)
        self.board = board = Board(clock, self.cable)
        self.bus_frames = []
        self.bus.attach(self.bus_frames.append, bit_rate=BIT_RATE)
        spec = Contactors(board="board", relay=CONTACTOR, timeout_s=2.0, feed_s=0.5)
        plug = Analyser(clock, self.cable), 2
        hardware = PlugHardware(
            port=BusPort(self.bus, "evps"),
            lines=partial(
                PlugLines,
                {line: (board, n) for n, line in RELAYS.items()},
                {line: (board, n) for n, line in INPUTS.items()},
                clock,
                (0.005, 0.012),
            ),
            failed=self.failures.append,
        )
        contactor = PortContactor(board, spec, clock)
        power = partial(PortPower, self.supply, plug, contactor, clock)
        clocks, parameters = Clocks(clock, clock, clock), evps or EvpsParameters()
        self.session = EvpsSession(hardware, power, clocks, parameters, injections, folder)
        port = BusPort(self.bus, "vehicle")
        port.join(BIT_RATE)
        ends = CableLines(self.cable), VehicleEnd(self.cable)
        self.vehicle = Vehicle(clock, port, *ends, vehicle)
        self.vehicle.begin()


def take(clock, seconds):
    clock.sleep_until(clock.now() + seconds)
