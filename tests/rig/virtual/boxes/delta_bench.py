"""A simulated Delta SM15K on a circuit of its own, and the words of its client."""

import numpy as np
from box_client import BoxClient

from rig.virtual.boxes.delta_sm15k import DeltaSm15k


class DeltaBench(BoxClient):
    """The supply, its circuit and its clock, asked by the one client of its socket."""

    def __init__(self, clock, circuit):
        self.clock, self.circuit = clock, circuit
        self.box = DeltaSm15k(clock, circuit, np.random.default_rng(2))
        super().__init__(self.box.service())

    def remote(self):
        for loop in ("CV", "CC", "CP"):
            self.say(f"SYST:REM:{loop} Ethernet")

    def ready(self, volts=360.0):
        self.remote()
        for line in (f"SOUR:VOL {volts}", "SOUR:CUR 40", "SOUR:POW 15000", "SOUR:CUR:NEG -40",
                     "SOUR:POW:NEG -15000", "OUTP 1"):  # fmt: skip
            self.say(line)
        assert self.say("SYST:ERR?") == "0,None"
