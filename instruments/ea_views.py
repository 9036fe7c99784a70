"""The two views of an EA bidirectional supply, each with its own sign."""

from __future__ import annotations

from typing import Protocol

from instruments.capabilities import DcReading

__all__ = ["EaBox", "EaSinkView", "EaSourceView"]

_SINK_POWER, _SINK_CURRENT = 498, 499
_VOLTAGE, _SOURCE_CURRENT, _SOURCE_POWER = 500, 501, 502


class EaBox(Protocol):
    """What the views need of their box."""

    def set_register(
        self, register: int, name: str, value: float, unit: str, share: float = 1.0
    ) -> None:
        """Write one scaled set value, verify it."""

    def switch_output(self, *, on: bool) -> None:
        """Switch the DC terminals, verify it."""

    def measure(self) -> DcReading:
        """Measure, positive out of the box."""


class EaSourceView:
    """The box as a source: positive current and power flow out."""

    def __init__(self, box: EaBox) -> None:
        self._box = box

    def set_voltage(self, voltage_v: float) -> None:
        """Set the terminal voltage in V, verify it."""
        self._box.set_register(_VOLTAGE, "voltage_v", voltage_v, "V")

    def set_current_limit(self, current_a: float) -> None:
        """Set the largest current sourced, in A."""
        self._box.set_register(_SOURCE_CURRENT, "current_a", current_a, "A")

    def set_power_limit(self, power_w: float) -> None:
        """Set the largest power sourced, in W."""
        self._box.set_register(_SOURCE_POWER, "power_w", power_w, "W")

    def output_on(self) -> None:
        """Switch the DC terminals on; post: status bit 7 says on."""
        self._box.switch_output(on=True)

    def output_off(self) -> None:
        """Switch the DC terminals off; post: status bit 7 says off."""
        self._box.switch_output(on=False)

    def measure(self) -> DcReading:
        """Measure V, A, W; positive out of the box."""
        return self._box.measure()


class EaSinkView:
    """The same box as a sink: positive current and power flow in."""

    def __init__(self, box: EaBox) -> None:
        self._box = box

    def set_current_limit(self, current_a: float) -> None:
        """Set the largest current sunk, in A; 0 makes the box source-only."""
        self._box.set_register(_SINK_CURRENT, "current_a", current_a, "A")

    def set_power_limit(self, power_w: float) -> None:
        """Set the largest power sunk, in W."""
        self._box.set_register(_SINK_POWER, "power_w", power_w, "W")

    def measure(self) -> DcReading:
        """Measure V, A, W; positive into the box."""
        reading = self._box.measure()
        return DcReading(reading.voltage_v, -reading.current_a, -reading.power_w)
