"""The supply that stands for the traction battery, as a plan changes and watches it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Unpack

from instruments.clock import Clock
from rig.bench.calibration import reading_quantity
from rig.bench.capture import CaptureOptions, CaptureStation
from rig.bench.dc_meter import DcMeter
from rig.bench.envelope import Envelopes
from rig.bench.model import BenchFile
from rig.bench.networks import NotFitted
from rig.bench.steps import Journal
from rig.bench.wave import Wave
from rig.measure import Quantity

if TYPE_CHECKING:
    from instruments.capabilities import BidirectionalSupply

__all__ = ["PACK_VOLTAGE", "Pack"]

PACK_VOLTAGE = "pack_voltage"
"""What the DC scope's probe at the pack sees."""
_ROLE = "pack"
_SETTLED_S = 0.5


class Pack:
    """The pack's voltage on an energised bench."""

    def __init__(
        self,
        drivers: Mapping[str, Any],  # bound by the bench file
        bench: BenchFile,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._supply: BidirectionalSupply = drivers[_ROLE]
        self._bench, self._clock, self._journal = bench, clock, journal
        self._meter = (
            DcMeter(drivers["analyser_dc"], bench, clock, journal)
            if "analyser_dc" in drivers
            else None
        )
        self._station = (
            CaptureStation(drivers["scope_dc"], None, bench, clock, journal, "scope_dc")
            if "scope_dc" in drivers
            else None
        )

    @property
    def meter(self) -> DcMeter:
        """The power analyser at the pack."""
        if self._meter is None:
            raise NotFitted("this bench has no power analyser on the DC side")
        return self._meter

    def connect(self, envelopes: Envelopes) -> None:
        """Switch the pack on at the bench file's voltage; post: it has settled."""
        voltage_v = self._bench.unit.pack_voltage_v
        limit = self._bench.envelope.get(_ROLE)
        current_a = (limit.current_a if limit else None) or 60.0
        power_w = (limit.power_w if limit else None) or 15_000.0
        envelopes.check(_ROLE, voltage_v=voltage_v, current_a=current_a, power_w=power_w)
        self._journal.stimulus(
            _ROLE, f"{voltage_v:g} V, at most {current_a:g} A", voltage_v=voltage_v
        )
        self._supply.source.set_voltage(voltage_v)
        for view in (self._supply.source, self._supply.sink):
            view.set_current_limit(current_a)
            view.set_power_limit(power_w)
        self._supply.source.output_on()
        self._clock.sleep_until(self._clock.now() + _SETTLED_S)

    def set_voltage(self, voltage_v: float) -> None:
        """Let the pack have another voltage from now on."""
        self._journal.stimulus(_ROLE, f"{voltage_v:g} V", voltage_v=voltage_v)
        self._supply.source.set_voltage(voltage_v)

    def measure_voltage(self) -> Quantity:
        """Measure at the supply; infinitely uncertain where no certificate covers it."""
        voltage_v = self._supply.source.measure().voltage_v
        self._journal.reading(_ROLE, "measured at the pack", {"voltage_v": voltage_v})
        calibration = self._bench.roles[_ROLE].calibration
        known = reading_quantity(calibration, "voltage", voltage_v, "V")
        return known or Quantity(voltage_v, "V", float("inf"))

    def capture(
        self, duration_s: float, **how: Unpack[CaptureOptions]
    ) -> AbstractContextManager[Wave]:
        """Capture the pack's voltage from the trigger line on, beside a capture of a socket."""
        if self._station is None:
            raise NotFitted("this bench has no scope on the DC side")
        how = {"channels": (PACK_VOLTAGE,), **how}
        return self._station.capture(_ROLE, duration_s, **how)
