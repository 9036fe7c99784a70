"""The temperature of the air around the unit."""

from __future__ import annotations

from instruments.capabilities import Thermometer
from rig.bench.calibration import reading_quantity
from rig.bench.model import BenchFile
from rig.bench.steps import Journal
from rig.measure import Quantity

__all__ = ["AMBIENT", "Ambient"]

AMBIENT = "ambient"
"""Its role."""


class Ambient:
    """The thermometer beside the unit."""

    def __init__(self, thermometer: Thermometer, bench: BenchFile, journal: Journal) -> None:
        self._thermometer, self._bench, self._journal = thermometer, bench, journal

    def read(self) -> Quantity:
        """Measure in degC; infinitely uncertain where no certificate covers it."""
        celsius = self._thermometer.read_temperature()
        self._journal.reading(AMBIENT, "ambient temperature", {"temperature_c": celsius})
        calibration = self._bench.roles[AMBIENT].calibration
        known = reading_quantity(calibration, "temperature", celsius, "degC")
        return known or Quantity(celsius, "degC", float("inf"))
