"""The two views of a bidirectional supply, each with its own sign, over any make of box."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, Protocol

from instruments.capabilities import DcReading
from instruments.clock import Clock
from instruments.errors import UsageError

__all__ = [
    "QUANTITIES",
    "TAKEN_BACK",
    "Setting",
    "SinkView",
    "SourceView",
    "SupplyBox",
    "await_output",
    "check_nominal",
]

Setting = Literal["voltage", "source_current", "source_power", "sink_current", "sink_power"]
QUANTITIES: dict[Setting, tuple[str, str]] = {
    "voltage": ("voltage_v", "V"),
    "source_current": ("current_a", "A"),
    "source_power": ("power_w", "W"),
    "sink_current": ("current_a", "A"),
    "sink_power": ("power_w", "W"),
}
"""What each setting is called in a plan, and its unit."""
TAKEN_BACK = "the order was taken back"
"""What is done where terminals that were switched on stay off: they must not come on later."""
_SWITCHING_S = 0.5
_POLL_S = 0.01


class SupplyBox(Protocol):
    """What the views need of their box."""

    def apply_setting(self, setting: Setting, value: float) -> None:
        """Set one quantity, given as a positive value, and verify it."""

    def switch_output(self, *, on: bool) -> None:
        """Switch the DC terminals, verify it."""

    def measure(self) -> DcReading:
        """Measure, positive out of the box."""


class SourceView:
    """The box as a source: positive current and power flow out."""

    def __init__(self, box: SupplyBox) -> None:
        self._box = box

    def set_voltage(self, voltage_v: float) -> None:
        """Set the terminal voltage in V, verify it."""
        self._box.apply_setting("voltage", voltage_v)

    def set_current_limit(self, current_a: float) -> None:
        """Set the largest current sourced, in A."""
        self._box.apply_setting("source_current", current_a)

    def set_power_limit(self, power_w: float) -> None:
        """Set the largest power sourced, in W."""
        self._box.apply_setting("source_power", power_w)

    def output_on(self) -> None:
        """Switch the DC terminals on; post: the box reports them on."""
        self._box.switch_output(on=True)

    def output_off(self) -> None:
        """Switch the DC terminals off; post: the box reports them off."""
        self._box.switch_output(on=False)

    def measure(self) -> DcReading:
        """Measure V, A, W; positive out of the box."""
        return self._box.measure()


class SinkView:
    """The same box as a sink: positive current and power flow in."""

    def __init__(self, box: SupplyBox) -> None:
        self._box = box

    def set_current_limit(self, current_a: float) -> None:
        """Set the largest current sunk, in A; 0 makes the box source-only."""
        self._box.apply_setting("sink_current", current_a)

    def set_power_limit(self, power_w: float) -> None:
        """Set the largest power sunk, in W."""
        self._box.apply_setting("sink_power", power_w)

    def measure(self) -> DcReading:
        """Measure V, A, W; positive into the box."""
        reading = self._box.measure()
        return DcReading(reading.voltage_v, -reading.current_a, -reading.power_w)


def await_output(clock: Clock, is_on: Callable[[], bool], *, on: bool) -> str | None:
    """Ask until the terminals are as wanted; return None, or the words that they are not.

    No lock of the box may be held: time must go on.
    """
    deadline = clock.now() + _SWITCHING_S
    while is_on() is not on:
        if clock.now() >= deadline:
            return f"the box to report {'on' if on else 'off'} within {_SWITCHING_S:g} s"
        clock.sleep_until(clock.now() + _POLL_S)
    return None


def check_nominal(name: str, address: str, rated: float, nominal: float, unit: str) -> None:
    """Raise ``UsageError`` when the bench file rates a box higher than the box itself says.

    So it does for a nominal value that is no finite number.
    """
    if not rated <= 1.001 * nominal < math.inf:
        raise UsageError(
            f"{name} is rated {rated:g} {unit} in the bench file,"
            f" the box at {address} says {nominal:g} {unit}"
        )
