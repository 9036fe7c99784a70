"""The electronic load on one socket, as a plan uses it."""

from __future__ import annotations

from contextlib import suppress

from instruments.capabilities import AcReading
from instruments.errors import CannotDo
from rig.bench.limited_load import LimitedLoad
from rig.bench.steps import Journal

__all__ = ["Appliance"]


class Appliance:
    """Emulate one appliance on one socket; power and current are positive into the load."""

    def __init__(self, role: str, load: LimitedLoad, journal: Journal) -> None:
        self.role = role
        self._load, self._journal = load, journal
        self._on = False

    def draw_power(
        self, power_w: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw active power in W from now on; 0 stops loading; negative power factor = leading."""
        if power_w == 0:
            self.stop()
            return
        self._load.allow_power(power_w, power_factor)
        self._journal.stimulus(
            self.role,
            f"draw {power_w:.0f} W at power factor {power_factor:g}",
            power_w=power_w,
            power_factor=power_factor,
            crest_factor=crest_factor,
        )
        self._load.set_power(power_w, power_factor=power_factor, crest_factor=crest_factor)
        self._switch_on()

    def draw_current(
        self, current_a: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw RMS current in A from now on; 0 stops loading; negative power factor = leading."""
        if current_a == 0:
            self.stop()
            return
        self._load.allow_current(current_a, power_factor)
        self._journal.stimulus(
            self.role,
            f"draw {current_a:.2f} A at power factor {power_factor:g}",
            current_a=current_a,
            power_factor=power_factor,
            crest_factor=crest_factor,
        )
        self._load.set_current(current_a, power_factor=power_factor, crest_factor=crest_factor)
        self._switch_on()

    def stop(self) -> None:
        """Stop loading; harmless when it is not loading."""
        if self._on:
            self._journal.stimulus(self.role, "stop loading")
            self._load.input_off()
            self._on = False

    def measure(self) -> AcReading:
        """Measure at the load's terminals and record it."""
        reading = self._load.measure()
        self._journal.reading(
            self.role,
            "measured at the load",
            {
                "voltage_v": reading.voltage_v,
                "current_a": reading.current_a,
                "power_w": reading.power_w,
            },
        )
        return reading

    def reset(self) -> None:
        """Clear what an earlier test left latched: a load without voltage unloads itself."""
        with suppress(CannotDo):  # not every load can be told to; those forget it when switched
            self._load.clear_protection()
        self._on = False

    def forget(self) -> None:
        """Take note that the load was switched off behind this object's back."""
        self._on = False

    def _switch_on(self) -> None:
        if not self._on:
            self._load.input_on()
            self._on = True
