"""The simulated box against a vehicle that does almost anything: its rules hold, it comes to rest.

``RIG_SOAK`` times as many sequences in a soak run.
"""

import os
import random
from collections import Counter

from boxed_vehicle import BIT_RATE, BOARD, PACK_V, RELAYS

from rig.clock import VirtualClock
from rig.virtual.boxes.slcan_bus import BusFrame, CanBus
from rig.virtual.can_nodes import BusNode
from rig.virtual.network import Network, Plant, PortWiring, Wiring
from rig.virtual.offboard import BoxParameters, OffboardBox
from rig.virtual.offboard.states import BoxState
from rig.virtual.ports import SupplySetting

SEQUENCES = 15 * int(os.environ.get("RIG_SOAK", "1"))
CYCLES = 60
QUICK = BoxParameters(
    permit_within_s=1.5, test_s=0.1, closes_within_s=1.0, request_within_s=1.0, can_loss_s=0.5,
    weld_within_s=1.0, skew_s=0.3, lock_s=0.05, farewell_s=0.1,
)  # fmt: skip
_S = BoxState
FED = (_S.CLOSING, _S.MATCHING, _S.JOINING, _S.READY, _S.TRANSFER)
ALLOWED = (*FED, _S.PARAMETERS, _S.LOCKING, _S.INSULATION, _S.BLEEDING)


class RandomVehicle:
    """One sequence at one plug."""

    def __init__(self, seed):
        self.random, self.seed = random.Random(seed), seed
        self.clock = VirtualClock()
        self.bus = CanBus(self.clock)
        self.box = OffboardBox(QUICK)
        contacts = {(BOARD, relay): name for name, relay in RELAYS.items()}
        self.net = Network(
            self.clock,
            seed=seed,
            unit_seed=seed,
            firmware=self.box,
            wiring=Wiring(relays_per_board=8, port=PortWiring(supply=None, contacts=contacts)),
            plant=Plant(vehicle_overhead_w=0.0),
        )
        self.box.plug_in(self.net.home_pins, BusNode(self.bus))
        self.node = self.bus.attach(lambda frame: None, bit_rate=BIT_RATE)
        self.net.supply("pack").apply(SupplySetting(True, PACK_V, 60.0, 15e3, 60.0, 15e3))
        self.relays = self.net.relays(BOARD)
        self.helpful = self.random.choice((0.8, 0.92, 0.98))
        self.met: Counter[BoxState] = Counter()
        self._closing = False

    def run(self):
        self.contact("proximity", True)
        for n in range(CYCLES):
            self.contact("start", n % 10 == 1)
            if self.random.random() < self.helpful:
                self.help()
            else:
                self.disturb()
            for _ in range(5):
                self.clock.sleep_until(self.clock.now() + 0.02)
                self.check()
        self.contact("k", False)
        self.contact("contactor", False)
        self.clock.sleep_until(self.clock.now() + 5.0)
        self.net.advance()
        self.hold(self.box.state is _S.IDLE, f"stuck in {self.box.state}")
        self.hold(not self.net.port.lines.coil_fed, "lines stay")
        return self.met

    def help(self):
        state, port = self.box.state, self.net.port
        self.contact("proximity", True)
        self.contact("emergency", False)
        allowed = state in ALLOWED
        self.contact("k", allowed)
        self.contact("contactor", state in FED)
        closed = port.closed["vehicle"]
        status = 0x80 | allowed | (not closed) << 3
        request = 12 if state in (_S.READY, _S.TRANSFER) else 0
        self.send(0x100, [0, 0, 0, 0, 0xB3, 1, 100, 0])
        self.send(0x101, [0, 255, 60, 0, 0, 0x90, 1, 0])
        self.send(0x102, [2, 0x9A, 1, request, 0, status, 60, 0])
        self.send(0x200, [255 - request, 0, 0, 0, 0xFA, 0, 10, 100])

    def disturb(self):
        pick = self.random.randrange(7)
        names = ("k", "contactor", "proximity", "emergency", "stop", "discharge")
        if pick < len(names):
            self.contact(names[pick], self.random.random() < 0.5)
        else:
            data = bytes(self.random.randrange(256) for _ in range(8))
            self.node.send(BusFrame(self.random.choice((0x100, 0x101, 0x102, 0x200)), data))

    def check(self):
        self.net.advance()
        self.met[self.box.state] += 1
        port = self.net.port
        if self.box.state is _S.CLOSING and not self._closing and not port.closed["vehicle"]:
            self.hold(port.inlet_v(self.clock.now()) < 25.0, "d2 on with voltage at the plug")
        self._closing = self.box.state is _S.CLOSING
        flows = abs(port.pieces.last.amps) > 0.5
        driving = (_S.JOINING, _S.READY, _S.TRANSFER, _S.RAMP_DOWN)
        self.hold(not flows or self.box.state in driving, f"current in {self.box.state}")

    def contact(self, name, closed):
        self.relays.drive(RELAYS[name], closed)

    def send(self, identifier, data):
        self.node.send(BusFrame(identifier, bytes(data)))

    def hold(self, rule, text):
        assert rule, f"seed {self.seed} at {self.clock.now():.2f} s: {text}"


def test_whatever_the_vehicle_does_the_box_keeps_its_rules_and_comes_to_rest():
    met: Counter[BoxState] = Counter()
    for seed in range(SEQUENCES):
        met += RandomVehicle(seed).run()
    assert set(met) == set(BoxState)
