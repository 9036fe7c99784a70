"""Measure what a sampled second of the circuit and an average of a steady piece cost."""

from __future__ import annotations

import time
from math import inf

from rig.clock import VirtualClock
from rig.virtual.network import Network
from rig.virtual.ports import LoadSetting, SupplySetting
from rig.virtual.unit.contract import SOCKETS, Actuators, Sensors


class Sampler:
    """A firmware that never settles: it takes all eight channels of every block."""

    def start(self, sensors: Sensors, actuators: Actuators, now_s: float) -> None:
        """Ramp up and close all sockets."""
        self.sensors, self.samples = sensors, 0
        actuators.start_inverter(now_s)
        for socket in SOCKETS:
            actuators.drive_relay(socket, True, now_s)

    def next_deadline(self, _now_s: float) -> float:
        """Never act."""
        return inf

    def run_steady(self, start_s: float, end_s: float) -> None:
        """Live through nothing."""

    def run_block(self, start_s: float, end_s: float) -> float:
        """Take the samples."""
        self.samples += self.sensors.sampled(start_s, end_s).t_s.size
        return end_s

    def settled(self) -> bool:
        """Ask for samples for ever."""
        return False


def main() -> None:
    """Print milliseconds per sampled second and microseconds per average."""
    clock, firmware = VirtualClock(), Sampler()
    net = Network(clock, seed=1, unit_seed=1, firmware=firmware)
    net.supply("pack").apply(SupplySetting(True, 380.0, 90.0, 15e3, 90.0, 15e3))
    for name in net.wiring.loads:
        net.load(name).apply(LoadSetting(True, "power", 1500.0, 0.8, 2.5))
    clock.sleep_until(1.0)
    net.advance()
    seconds, firmware.samples = 10.0, 0
    started = time.perf_counter()
    clock.sleep_until(clock.now() + seconds)
    net.advance()
    cost = (time.perf_counter() - started) / seconds
    print(f"{cost * 1e3:.1f} ms per sampled second ({firmware.samples / seconds:.0f} samples/s)")
    element, now = net.analyser("analyser_ac", 1), clock.now()
    started = time.perf_counter()
    for _ in range(1000):
        element.average(now - 5.0, now)
    print(f"{(time.perf_counter() - started) * 1e3:.1f} us per average of a steady piece")


if __name__ == "__main__":
    main()
