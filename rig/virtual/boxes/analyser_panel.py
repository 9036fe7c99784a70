"""The measuring part of a power analyser: update periods, ranges, readings, integration.

Update periods lie on whole multiples of the period on the clock. A reading is the port's mean
over the last complete period, with this specimen's errors; it stays the same until the next one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.meter import Meter, MeterClass
from rig.virtual.ports import AcQuantities, AnalyserPort

__all__ = ["AnalyserPanel", "Element", "Integral", "Integration"]

_OVER_RANGE = 1.4
_PEAK_OVER = 3.3
"""In ranges, with crest factor 3."""
_EDGE = 1e-9


@dataclass(slots=True)
class Integral:
    """What one element has integrated."""

    watt_hours: float = 0.0
    positive_watt_hours: float = 0.0
    negative_watt_hours: float = 0.0
    ampere_hours: float = 0.0
    positive_ampere_hours: float = 0.0
    negative_ampere_hours: float = 0.0
    volt_ampere_hours: float = 0.0
    var_hours: float = 0.0

    def add(self, q: AcQuantities, amps: float, hours: float) -> None:
        """Add the mean quantities of a span; ``amps`` is signed for DC."""
        energy, charge = q.power_w * hours, amps * hours
        self.watt_hours += energy
        self.positive_watt_hours += max(energy, 0.0)
        self.negative_watt_hours += min(energy, 0.0)
        self.ampere_hours += charge
        self.positive_ampere_hours += max(charge, 0.0)
        self.negative_ampere_hours += min(charge, 0.0)
        self.volt_ampere_hours += q.apparent_va * hours
        self.var_hours += q.reactive_var * hours


class Element:
    """One element: its port, its ranges, its meters."""

    def __init__(
        self, port: AnalyserPort, rng: np.random.Generator, volts: float, amps: float
    ) -> None:
        self.port = port
        self.voltage_range_v, self.current_range_a = volts, amps
        self.voltage_auto = self.current_auto = False
        self.integral = Integral()
        self._volts = Meter(rng, MeterClass(0.0005, 0.02, 0.005))
        self._amps = Meter(rng, MeterClass(0.0005, 0.002, 0.0005))
        self._watts = Meter(rng, MeterClass(0.0005, 0.2, 0.05))
        self._hertz = Meter(rng, MeterClass(0.0005, 0.0, 0.0002))
        self._thd = Meter(rng, MeterClass(0.01, 0.02, 0.005))

    def measure(self, start_s: float, end_s: float) -> AcQuantities:
        """Return the mean over a span as this specimen shows it."""
        q = self.port.average(start_s, end_s)
        amps = self._amps.read(q.current_a)
        scale = amps / q.current_a if q.current_a else 0.0
        thd = q.voltage_thd_percent
        return AcQuantities(
            voltage_v=self._volts.read(q.voltage_v),
            current_a=amps,
            power_w=self._watts.read(q.power_w),
            reactive_var=q.reactive_var * scale,
            frequency_hz=self._hertz.read(q.frequency_hz) if q.frequency_hz else 0.0,
            voltage_peak_v=q.voltage_peak_v,
            current_peak_a=q.current_peak_a,
            voltage_thd_percent=max(self._thd.read(thd), 0.0) if thd else 0.0,
            voltage_dc_v=self._volts.read(q.voltage_dc_v),
            current_dc_a=self._amps.read(q.current_dc_a),
        )

    def integrate(self, start_s: float, end_s: float) -> None:
        """Add the span to the integral."""
        q = self.port.average(start_s, end_s)
        steady = AcQuantities(
            self._volts.steady(q.voltage_v), self._amps.steady(q.current_a),
            self._watts.steady(q.power_w), q.reactive_var, q.frequency_hz,
            q.voltage_peak_v, q.current_peak_a, q.voltage_thd_percent,
        )  # fmt: skip
        self.integral.add(steady, steady.current_a, (end_s - start_s) / 3600.0)

    def voltage_over(self, q: AcQuantities) -> bool:
        """Whether the voltage is beyond the range."""
        return not self.voltage_auto and abs(q.voltage_v) > _OVER_RANGE * self.voltage_range_v

    def current_over(self, q: AcQuantities) -> bool:
        """Whether the current is beyond the range."""
        return not self.current_auto and abs(q.current_a) > _OVER_RANGE * self.current_range_a

    def peak_over(self, q: AcQuantities) -> bool:
        """Whether a peak is beyond what the converter takes."""
        volts = not self.voltage_auto and q.voltage_peak_v > _PEAK_OVER * self.voltage_range_v
        amps = not self.current_auto and q.current_peak_a > _PEAK_OVER * self.current_range_a
        return volts or amps


@dataclass(slots=True)
class Integration:
    """The integrator's own state."""

    state: str = "RES"
    timer_s: float = 0.0
    elapsed_s: float = 0.0
    reached_s: float = field(default=0.0)
    """Up to when the sums go."""


class AnalyserPanel:
    """Elements, the update period and the integrator."""

    def __init__(self, clock: Clock, elements: Sequence[Element], period_s: float) -> None:
        self.clock, self.elements = clock, list(elements)
        self._period_s = period_s
        self._valid_from_s = clock.now()
        self.hold = False
        self.integration = Integration()
        self._shown: list[AcQuantities] | None = None
        self._shown_index = -1

    @property
    def period_s(self) -> float:
        """The update period."""
        return self._period_s

    @period_s.setter
    def period_s(self, value: float) -> None:
        self._period_s, self._valid_from_s = value, self.clock.now()
        self._shown = None

    @property
    def index(self) -> int:
        """How many update periods have ended since the clock's zero."""
        return math.floor(self.clock.now() / self._period_s + _EDGE)

    @property
    def time_left_s(self) -> float:
        """How long until the present update period ends."""
        return (self.index + 1) * self._period_s - self.clock.now()

    def readings(self) -> list[AcQuantities] | None:
        """Return the last complete update by element; None before the first."""
        if self.hold and self._shown is not None:
            return self._shown
        index, period = self.index, self._period_s
        if self._shown is not None and self._shown_index == index:
            return self._shown
        start = (index - 1) * period
        if start < self._valid_from_s - _EDGE:
            return None
        self._shown = [element.measure(start, index * period) for element in self.elements]
        self._shown_index = index
        return self._shown

    def integrate(self) -> None:
        """Bring the sums up to now, or to the timer's end."""
        own, now = self.integration, self.clock.now()
        if own.state != "STAR":
            return
        end = now
        if own.timer_s:
            end = min(now, own.reached_s + own.timer_s - own.elapsed_s)
        if end > own.reached_s:
            for element in self.elements:
                element.integrate(own.reached_s, end)
            own.elapsed_s += end - own.reached_s
            own.reached_s = end
        if own.timer_s and own.elapsed_s >= own.timer_s - _EDGE:
            own.state = "TIM"

    def start_integration(self) -> bool:
        """Start or go on; False where it cannot."""
        if self.integration.state not in {"RES", "STOP"}:
            return False
        self.integration.state, self.integration.reached_s = "STAR", self.clock.now()
        return True

    def stop_integration(self) -> bool:
        """Stop; False where nothing runs."""
        if self.integration.state != "STAR":
            return False
        self.integration.state = "STOP"
        return True

    def reset_integration(self) -> bool:
        """Forget the sums; False while it runs."""
        if self.integration.state == "STAR":
            return False
        self.integration = Integration(timer_s=self.integration.timer_s)
        for element in self.elements:
            element.integral = Integral()
        return True
