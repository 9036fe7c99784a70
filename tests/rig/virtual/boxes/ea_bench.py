"""A simulated EA supply on a bench of its own, and the words of its clients."""

import struct

import numpy as np
from box_client import BoxClient

from rig.clock import VirtualClock
from rig.virtual.boxes.ea_psb10000 import EaPsb10000, Interface
from rig.virtual.ports import SupplyReading


class Terminals:
    """Terminals whose reading a test sets; remembers what was applied."""

    def __init__(self):
        self.applied = []
        self.reading = SupplyReading(0.0, 0.0, 0.0, "CV")

    @property
    def setting(self):
        return self.applied[-1]

    def apply(self, setting):
        self.applied.append(setting)

    def read(self):
        return self.reading

    def show(self, volts, amps, regulation="CV"):
        self.reading = SupplyReading(volts, amps, volts * amps, regulation)


class EaClient(BoxClient):
    """A client that knows the supply's registers, and the two commands every plan needs."""

    def remote(self):
        assert self.request("00 05 0192 FF00") == "00 05 01 92 FF 00"

    def write(self, register, value):
        return self.request(f"00 06 {register:04X} {value:04X}")

    def coil(self, address, on):
        return self.request(f"00 05 {address:04X} {'FF00' if on else '0000'}")

    def read(self, register, count=1):
        reply = bytes.fromhex(self.request(f"00 03 {register:04X} {count:04X}"))
        assert reply[1] == 3, reply.hex(" ")
        return list(struct.unpack(f">{count}H", reply[3:]))

    def status(self):
        high, low = self.read(505, 2)
        return high << 16 | low

    def energise(self):
        self.remote()
        for register in (500, 501, 499):
            self.write(register, 52428)
        self.coil(405, on=True)

    def lock(self):
        self.say("SYST:LOCK ON")

    def error(self):
        return int(self.say("SYST:ERR?").split(",")[0])


class EaBench(EaClient):
    """The supply, its terminals and its clock; the bench itself is the first Ethernet client."""

    def __init__(self, **options):
        self.clock, self.terminals = VirtualClock(), Terminals()
        rng, options = np.random.default_rng(3), {"meter_noise": 0.0} | options
        self.box = EaPsb10000(self.terminals, self.clock, rng, **options)
        super().__init__(self.box.service(Interface.ETHERNET))

    def connect(self, interface=Interface.ETHERNET):
        return EaClient(self.box.service(interface))
