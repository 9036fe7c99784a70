"""Where a simulated box touches the circuit: one small port per kind of terminal.

A box owns its front panel (settings, ranges, errors, protections of its own); the circuit owns
what happens at its terminals. Every call of a port first brings the circuit up to the clock's
``now()``; so a reading is the state at this instant, and a setting acts from this instant on.
The circuit implements all of these; boxes and the simulated controller know nothing else of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AcQuantities",
    "AnalyserPort",
    "LoadPort",
    "LoadSetting",
    "PointOnWavePort",
    "RelayPort",
    "ScopePort",
    "SupplyPort",
    "SupplyReading",
    "SupplySetting",
]


@dataclass(frozen=True, slots=True)
class SupplySetting:
    """What a bidirectional DC supply is set to; all values are 0 or above."""

    on: bool
    voltage_v: float
    source_current_a: float
    source_power_w: float
    sink_current_a: float
    sink_power_w: float


@dataclass(frozen=True, slots=True)
class SupplyReading:
    """What stands at a supply's terminals; positive current and power flow out of the supply."""

    voltage_v: float
    current_a: float
    power_w: float
    regulation: Literal["CV", "CC", "CP"]


class SupplyPort(Protocol):
    """The terminals of one bidirectional DC supply."""

    def apply(self, setting: SupplySetting) -> None:
        """Act on a new setting from now on."""

    def read(self) -> SupplyReading:
        """Return what stands at the terminals now (the true values, no meter error)."""


@dataclass(frozen=True, slots=True)
class LoadSetting:
    """What an electronic AC load is set to; ``level`` in A, W or ohm by ``mode``."""

    on: bool
    mode: Literal["current", "power", "resistance"]
    level: float
    power_factor: float = 1.0
    """-1 to 1; negative = leading."""
    crest_factor: float = 1.414


@dataclass(frozen=True, slots=True)
class AcQuantities:
    """True AC quantities at one place over one mains period (no meter error).

    ``power_w`` is positive from the inverter towards the socket and load.
    """

    voltage_v: float
    current_a: float
    power_w: float
    reactive_var: float
    frequency_hz: float
    voltage_peak_v: float
    current_peak_a: float
    voltage_thd_percent: float
    voltage_dc_v: float = 0.0
    current_dc_a: float = 0.0

    @property
    def apparent_va(self) -> float:
        """Apparent power in VA."""
        return self.voltage_v * self.current_a

    @property
    def power_factor(self) -> float:
        """Active by apparent power; 0 without current."""
        return self.power_w / self.apparent_va if self.apparent_va else 0.0


class LoadPort(Protocol):
    """The terminals of one electronic AC load."""

    def apply(self, setting: LoadSetting) -> None:
        """Act on a new setting from now on (the load starts and steps at the next instant)."""

    def read(self) -> AcQuantities:
        """Return what stands at the terminals now."""


class AnalyserPort(Protocol):
    """One element of a power analyser: a voltage and a current input wired somewhere."""

    def average(self, start_s: float, end_s: float) -> AcQuantities:
        """Return true quantities averaged over ``[start_s, end_s]`` of clock time, ``end <= now``.

        A DC element returns volts and amps in ``voltage_v`` / ``current_a`` (current signed,
        positive out of the pack), frequency 0.
        """


class ScopePort(Protocol):
    """The probes of one oscilloscope: what each input sees, in the probed unit (V, A)."""

    def samples(self, channel: int, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the true probed values at clock times ``t_s`` (ascending, none after now)."""

    def crossing(
        self,
        channel: int,
        level: float,
        slope: Literal["rising", "falling", "either"],
        start_s: float,
        end_s: float,
    ) -> float | None:
        """Return the first clock time in ``[start_s, end_s]`` at which the level is crossed."""

    def external_trigger(self, start_s: float, end_s: float) -> float | None:
        """Return the first edge of the common trigger line in ``[start_s, end_s]``."""

    def keep_from(self, start_s: float | None) -> None:
        """Ask the circuit to keep its history from ``start_s`` on; None = no longer needed."""


class RelayPort(Protocol):
    """The contacts of one relay board."""

    def drive(self, relay: int, closed: bool) -> None:
        """Energise or release a coil now; the contact follows after a random 5 to 12 ms."""


class PointOnWavePort(Protocol):
    """The solid-state branches behind the point-on-wave trigger, and its voltage reference."""

    def next_zero_crossing(self) -> float | None:
        """Return the clock time of the next positive zero crossing; None without AC voltage."""

    def phase_deg(self, t_s: float) -> float:
        """Return the true phase of the AC voltage at ``t_s``, 0 = positive zero crossing."""

    def switch(self, branches: int, closed: bool, at_s: float) -> None:
        """Switch the branches of the mask at ``at_s`` (>= now), to the microsecond."""

    def trigger(self, at_s: float) -> None:
        """Raise the common trigger line at ``at_s``."""


class ServicePort(Protocol):
    """The simulated controller's registers, as its service port serves them."""

    def read_input(self, address: int, count: int) -> list[int]:
        """Return input registers; raises ``ServiceRefusal`` with the exception code."""

    def read_holding(self, address: int, count: int) -> list[int]:
        """Return holding registers; raises ``ServiceRefusal`` with the exception code."""

    def write_holding(self, address: int, values: list[int]) -> None:
        """Write holding registers as one request; raises ``ServiceRefusal`` and writes nothing."""

    def on_console_line(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with each line of the console log as it is written."""


class ServiceRefusal(Exception):
    """A Modbus exception code to answer with."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code:02d}")
        self.code = code
