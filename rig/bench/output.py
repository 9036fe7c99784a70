"""The AC output as the power analyser sees it."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Literal

from instruments.capabilities import PowerAnalyser, PowerReading
from instruments.clock import Clock
from rig.bench.by_socket import BySocket
from rig.bench.calibration import reading_quantity, state_of
from rig.bench.model import BenchFile
from rig.bench.steps import Journal
from rig.measure import Evidence, Measurement, Quantity

__all__ = ["OutputMeter"]

_ROLE = "analyser_ac"


class OutputMeter:
    """Steady voltage, frequency and power at the sockets, with calibrated uncertainties."""

    def __init__(
        self, analyser: PowerAnalyser, bench: BenchFile, clock: Clock, journal: Journal
    ) -> None:
        self._analyser, self._bench, self._clock = analyser, bench, clock
        self._journal = journal

    def read(self, *, following: bool = False) -> Mapping[str, PowerReading]:
        """Return one coherent set of readings of one whole update period, by socket.

        The period begins after the call; with ``following`` it is the next one that ends, which
        is as good where the level is steady, and half the time.
        """
        elements = {s: w.analyser_element for s, w in self._bench.wiring.sockets.items()}
        measure = self._analyser.measure_following if following else self._analyser.measure
        readings = measure(tuple(elements.values()))
        by_socket = BySocket((socket, readings[each]) for socket, each in elements.items())
        for socket, reading in by_socket.items():
            self._journal.reading(
                _ROLE,
                f"socket {socket}",
                {
                    "voltage_v": reading.voltage_v,
                    "current_a": reading.current_a,
                    "power_w": reading.power_w,
                    "frequency_hz": reading.frequency_hz,
                },
            )
        return by_socket

    def total_va(self, *, following: bool = False) -> float:
        """Return the apparent power of all sockets together, VA, from active and reactive power."""
        readings = self.read(following=following).values()
        active = sum(reading.power_w for reading in readings)
        reactive = sum(reading.reactive_var for reading in readings)
        return float((active**2 + reactive**2) ** 0.5)

    def mean_voltage_v(self) -> float:
        """Return the mean of the sockets' RMS voltages, V."""
        return fmean(reading.voltage_v for reading in self.read().values())

    def voltage(self, socket: str, reading: PowerReading) -> Measurement:
        """Give a reading's voltage its uncertainty and the state of the analyser's calibration."""
        return self._measurement("output_voltage", "voltage", reading.voltage_v, "V", socket)

    def frequency(self, socket: str, reading: PowerReading) -> Measurement:
        """Give a reading's frequency its uncertainty and the state of the calibration."""
        return self._measurement("frequency", "frequency", reading.frequency_hz, "Hz", socket)

    def _measurement(
        self,
        name: str,
        quantity: Literal["voltage", "frequency"],
        value: float,
        unit: str,
        socket: str,
    ) -> Measurement:
        spec = self._bench.roles[_ROLE]
        known = reading_quantity(spec.calibration, quantity, value, unit)
        problems = []
        if overdue := state_of(_ROLE, spec).problem(self._clock.utc().date()):
            problems.append(overdue)
        if known is None:
            problems.append(f"{_ROLE}: no certificate covers {value:g} {unit} at socket {socket}")
        return Measurement.of(
            name,
            known or Quantity(value, unit, 0.0),
            evidence=Evidence(instruments=(_ROLE,)),
            problems=tuple(problems),
        )
