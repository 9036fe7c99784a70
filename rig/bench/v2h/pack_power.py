"""The vehicle's battery and contactors: a supply stands for the one, a relay for the others."""

from __future__ import annotations

from collections.abc import Callable

from instruments.capabilities import BidirectionalSupply, PowerAnalyser
from instruments.clock import Clock
from rig.bench.v2h.contactor import PortContactor
from rig.bench.v2h.lines import PlugLines
from rig.chademo.roles import Line, Measured

__all__ = ["PackPower"]

_CLOSES_WITHIN_S = 0.1
"""Relay (5 to 12 ms) and contactor (some 50 ms)."""
_PLUG_EVERY_S = 0.15
_S_PER_H = 3600.0


class PackPower:
    """What the vehicle role asks for is done at the next ``visit``, which also measures.

    The pack is on all the time; the state of charge is what the rig makes of the energy that went
    in and out of it.
    """

    def __init__(
        self,
        supply: BidirectionalSupply,
        plug: tuple[PowerAnalyser, int],
        contactor: PortContactor,
        capacity_wh: float,
        charge_percent: float,
        clock: Clock,
        lines: PlugLines,
        hasten: Callable[[], None],
    ) -> None:
        self._supply, (self._analyser, self._element) = supply, plug
        self._contactor, self._clock = contactor, clock
        self._lines, self._hasten = lines, hasten
        self._capacity_wh, self._percent = capacity_wh, charge_percent
        self._measured, self._battery_v = Measured(0.0, 0.0), 0.0
        self._measured_s = clock.now()
        self._closed_s: float | None = None
        self._plug_read_s = float("-inf")

    def measure(self) -> Measured:
        """Return volts at the plug and amperes into the vehicle, as of the last visit."""
        return self._measured

    def battery_v(self) -> float:
        """Return the battery's voltage."""
        return self._battery_v

    def charge_percent(self) -> float:
        """Return the state of charge."""
        return self._percent

    def set_contactor(self, closed: bool) -> None:
        """Ask for a position; the coils hang between d1 and d2 as well."""
        if self._contactor.wanted is not closed:
            self._contactor.wanted = closed
            self._hasten()

    def contactor_closed(self) -> bool:
        """Say whether the contactors have had the time to close, and their coils are fed."""
        fed = self._lines.read(Line.D1) and self._lines.read(Line.D2)
        since_s = self._closed_s
        return fed and since_s is not None and self._clock.now() - since_s >= _CLOSES_WITHIN_S

    def visit(self) -> None:
        """Move the contactors, measure, and keep the books of the charge."""
        self._contactor.visit()
        if not self._contactor.closed:
            self._closed_s = None
        elif self._closed_s is None:
            self._closed_s = self._clock.now()
        reading = self._supply.sink.measure()
        self._battery_v = reading.voltage_v
        now_s = self._clock.now()
        passed_h = (now_s - self._measured_s) / _S_PER_H
        self._percent += 100.0 * reading.power_w * passed_h / self._capacity_wh
        self._measured_s = now_s
        if self.contactor_closed():
            self._measured = Measured(reading.voltage_v, reading.current_a)
        else:
            self._measured = Measured(self._plug_v(), 0.0)

    def _plug_v(self) -> float:
        now_s = self._clock.now()
        if now_s - self._plug_read_s < _PLUG_EVERY_S:
            return self._measured.volts
        self._plug_read_s = now_s
        return self._analyser.measure_following((self._element,))[self._element].voltage_dc_v
