"""An electronic load that takes nothing outside its envelope."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from instruments.capabilities import AcLoad, AcReading, Identity
from rig.bench.demand import Demand

__all__ = ["LimitedLoad"]


class LimitedLoad:
    """Stands in front of a load's driver; what is refused sends nothing."""

    def __init__(self, role: str, load: AcLoad, demand: Demand, nominal_voltage_v: float) -> None:
        self._role, self._load, self._demand = role, load, demand
        self._nominal_voltage_v = nominal_voltage_v
        self._power_w = self._current_a = 0.0
        self._on = False

    def allow_power(self, power_w: float, power_factor: float) -> None:
        """Refuse drawing a power outside the envelope; send nothing."""
        self._allow(power_w, self._current_of(power_w, power_factor), on=True)

    def allow_current(self, current_a: float, power_factor: float) -> None:
        """Refuse drawing a current outside the envelope; send nothing."""
        self._allow(self._power_of(current_a, power_factor), current_a, on=True)

    def set_power(
        self, power_w: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw a constant active power in W."""
        with self._taking(power_w, self._current_of(power_w, power_factor)):
            self._load.set_power(power_w, power_factor=power_factor, crest_factor=crest_factor)

    def set_current(
        self, current_a: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw a constant RMS current in A; power factor negative = leading."""
        with self._taking(self._power_of(current_a, power_factor), current_a):
            self._load.set_current(current_a, power_factor=power_factor, crest_factor=crest_factor)

    def set_resistance(self, resistance_ohm: float) -> None:
        """Behave as a resistor, in ohm."""
        current_a = self._nominal_voltage_v / resistance_ohm if resistance_ohm else math.inf
        with self._taking(self._power_of(current_a, 1.0), current_a):
            self._load.set_resistance(resistance_ohm)

    def input_on(self) -> None:
        """Start loading."""
        self._allow(self._power_w, self._current_a, on=True)
        self._note(self._power_w, self._current_a, on=True)
        self._load.input_on()

    def input_off(self) -> None:
        """Stop loading: never refused."""
        self._load.input_off()
        self._note(self._power_w, self._current_a, on=False)

    def measure(self) -> AcReading:
        """Measure at the load's terminals; power positive into the load."""
        return self._load.measure()

    def read_protection(self) -> frozenset[str]:
        """Return the names of active protections."""
        return self._load.read_protection()

    def clear_protection(self) -> None:
        """Clear protections whose cause is gone."""
        self._load.clear_protection()

    def identify(self) -> Identity:
        """Return what the box says of itself."""
        return self._load.identify()

    def make_safe(self) -> None:
        """Switch the load off."""
        self._load.make_safe()
        self._note(self._power_w, self._current_a, on=False)

    def close(self) -> None:
        """Close the link."""
        self._load.close()

    @contextmanager
    def _taking(self, power_w: float, current_a: float) -> Iterator[None]:
        """Bracket a setting: until the box has taken it, and when it did not, the worse counts."""
        self._allow(power_w, current_a, on=self._on)
        worse = max(abs(power_w), self._power_w), max(abs(current_a), self._current_a)
        self._note(*worse, on=self._on)
        yield
        self._note(abs(power_w), abs(current_a), on=self._on)

    def _allow(self, power_w: float, current_a: float, *, on: bool) -> None:
        self._demand.envelopes.check(self._role, power_w=power_w, current_a=current_a)
        if on:
            rise = abs(current_a) - (self._current_a if self._on else 0.0)
            self._demand.allow(self._role, power_w=abs(power_w), moved=rise, slew="slew_a")

    def _note(self, power_w: float, current_a: float, *, on: bool) -> None:
        before = self._current_a if self._on else 0.0
        rise = current_a - before if on else 0.0
        self._power_w, self._current_a, self._on = power_w, current_a, on
        self._demand.note(self._role, on=on, power_w=power_w, moved=rise)

    def _current_of(self, power_w: float, power_factor: float) -> float:
        if not power_factor:
            return math.inf
        return power_w / self._nominal_voltage_v / abs(power_factor)

    def _power_of(self, current_a: float, power_factor: float) -> float:
        return current_a * self._nominal_voltage_v * abs(power_factor)
