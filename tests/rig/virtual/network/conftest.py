"""A bench of clock, circuit and a plain deterministic firmware, for the tests of the circuit."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

import numpy as np
import pytest

from rig.clock import VirtualClock
from rig.virtual.network import Network, Plant
from rig.virtual.ports import LoadSetting, SupplySetting

PACK = SupplySetting(True, 380.0, 90.0, 15000.0, 90.0, 15000.0)


@dataclass
class PlainFirmware:
    """Counts what it lives through; blocks above 75 A, opens the socket, starts again."""

    protects: bool = True
    tick_s: float = inf
    samples: int = 0
    squares: float = 0.0
    steady_s: float = 0.0
    watt_seconds: float = 0.0
    blocks: int = 0
    ticks: list[float] = field(default_factory=list)
    decided: list[float] = field(default_factory=list)
    tripped: bool = False

    def start(self, sensors, actuators, now_s):
        self.sensors, self.actuators = sensors, actuators

    def next_deadline(self, now_s):
        if self.tick_s == inf:
            return inf
        n = int(now_s / self.tick_s)
        while n * self.tick_s <= now_s:
            n += 1
        return n * self.tick_s

    def run_steady(self, start_s, end_s):
        self.steady_s += end_s - start_s
        self.watt_seconds += self.sensors.steady().ac_power_w * (end_s - start_s)
        if end_s == self.next_deadline(start_s):
            self.ticks.append(round(end_s, 9))

    def run_block(self, start_s, end_s):
        self.blocks += 1
        got = self.sensors.sampled(start_s, end_s)
        over = np.abs(got.ac_current_a) > 75.0
        n = got.t_s.size
        if self.protects and not self.tripped and over.any():
            n = int(np.argmax(over))
            end_s = max(start_s, float(got.t_s[n]))
            self._trip(end_s, got, n)
        self.samples += n
        self.squares += float(np.sum(got.ac_current_a[:n] ** 2))
        return end_s

    def _trip(self, t_s, got, n):
        self.tripped = True
        self.decided.append(t_s)
        worst = int(np.argmax([abs(i[n]) for i in got.socket_current_a]))
        self.actuators.block_gates(t_s)
        self.actuators.drive_relay("ABC"[worst], False, t_s)
        self.actuators.release_gates(t_s + 0.014)

    def settled(self):
        return True


@dataclass
class Rig:
    clock: VirtualClock
    firmware: PlainFirmware
    net: Network

    def run(self, seconds):
        self.clock.sleep_until(self.clock.now() + seconds)
        self.net.advance()
        return self.clock.now()

    def energise(self, sockets="ABC"):
        """Have the sockets live and everything settled at 0.5 s."""
        self.net.supply("pack").apply(PACK)
        self.net.actuators.start_inverter(0.01)
        for socket in sockets:
            self.net.actuators.drive_relay(socket, True, 0.03)
        self.clock.sleep_until(0.5)
        self.net.advance()
        return self

    def load(self, socket, mode, level, pf=1.0, cf=1.414):
        self.net.load(f"load_{socket.lower()}").apply(LoadSetting(True, mode, level, pf, cf))

    def probe(self, socket):
        """Put the probes of scope_ac on a socket."""
        self.net.relays(4).drive("ABC".index(socket), True)
        self.run(0.05)
        return self.net.scope("scope_ac")


@pytest.fixture
def make_rig():
    def make(seed=1, unit_seed=1, plant=None, **firmware):
        clock, plain = VirtualClock(), PlainFirmware(**firmware)
        net = Network(clock, seed=seed, unit_seed=unit_seed, firmware=plain, plant=plant)
        return Rig(clock, plain, net)

    return make


@pytest.fixture
def rig(make_rig):
    """A live bench whose firmware never interferes."""
    return make_rig(protects=False).energise()


@pytest.fixture
def pack():
    return PACK


@pytest.fixture
def nominal():
    return Plant()
