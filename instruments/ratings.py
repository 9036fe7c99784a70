"""What a box can bear, given to its driver, and the check made before a byte is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from instruments.errors import UsageError

__all__ = [
    "AcLoadRating",
    "Probe",
    "Rating",
    "ScopeRating",
    "SlcanDialect",
    "SupplyRating",
    "TemperatureRegister",
    "check_range",
]


@dataclass(frozen=True, slots=True)
class AcLoadRating:
    """The rating of an electronic AC load."""

    voltage_v: float
    """Largest RMS voltage."""
    current_a: float
    """Largest RMS current."""
    power_w: float
    peak_current_a: float | None = None
    """Largest peak current; None where the maker's sheet is not at hand: the box checks it."""

    def check_current(self, current_a: float, crest_factor: float) -> None:
        """Raise ``UsageError`` when the RMS current or its peak is beyond the rating."""
        check_range("current_a", current_a, 0.0, self.current_a, "A")
        if self.peak_current_a is not None:
            peak_a = current_a * crest_factor
            check_range("current_a * crest_factor", peak_a, 0.0, self.peak_current_a, "A")

    def check_power(self, power_w: float) -> None:
        """Raise ``UsageError`` when the active power is beyond the rating."""
        check_range("power_w", power_w, 0.0, self.power_w, "W")

    @staticmethod
    def check_shape(power_factor: float, crest_factor: float) -> None:
        """Raise ``UsageError`` for a crest below that of a sine or above 5, or no power factor."""
        check_range("power_factor", power_factor, -1.0, 1.0)
        check_range("crest_factor", crest_factor, 1.414, 5.0)


@dataclass(frozen=True, slots=True)
class SupplyRating:
    """The rating of a bidirectional DC supply, the same in both directions."""

    voltage_v: float
    current_a: float
    power_w: float

    def full_scale(self, unit: str) -> float:
        """Return the rating in ``V``, ``A`` or ``W``."""
        return {"V": self.voltage_v, "A": self.current_a, "W": self.power_w}[unit]

    def check(self, name: str, value: float, unit: str, share: float = 1.0) -> None:
        """Raise ``UsageError`` when a value is negative or beyond ``share`` of the rating."""
        check_range(name, value, 0.0, share * self.full_scale(unit), unit)


@dataclass(frozen=True, slots=True)
class Probe:
    """What hangs on one input of an oscilloscope."""

    attenuation: float
    """Volt at the tip (or ampere in the clamp) per volt at the input."""
    unit: Literal["V", "A"] = "V"


@dataclass(frozen=True, slots=True)
class ScopeRating:
    """The inputs of an oscilloscope; where no probe is named the scope keeps its own setting."""

    channels: int = 4
    probes: Mapping[int, Probe] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SlcanDialect:
    """What the firmware of an SLCAN adapter does beyond frames; the least of it by default."""

    acknowledges: bool = False
    """Whether each command is answered by CR or BEL."""
    timestamps: bool = False
    """Whether it stamps received frames (``Z1``)."""
    status_flags: bool = False
    """Whether it answers ``F`` and ``N``."""
    listen_only: Literal["L", "M1"] = "L"
    """How it listens without taking part: opened by ``L``, or silenced by ``M1`` before ``O``."""


@dataclass(frozen=True, slots=True)
class TemperatureRegister:
    """Where a transmitter shows its temperature; numbers are those of its manual."""

    register: float = 0
    """Address in the protocol, from 0."""
    input: float = 1
    """1: an input register (FC04); 0: a holding register (FC03)."""
    per_degree: float = 10.0
    """Counts for one degree Celsius."""
    lowest_c: float = -40.0
    highest_c: float = 85.0
    """What lies outside is a broken sensor."""

    def __post_init__(self) -> None:
        if not (0 <= self.register <= 0xFFFF and self.register == int(self.register)):
            raise UsageError(f"register must be a whole number to 65535, got {self.register:g}")
        check_range("per_degree", self.per_degree, 0.01, 1000.0)


Rating = AcLoadRating | SupplyRating | ScopeRating | SlcanDialect | TemperatureRegister


def check_range(name: str, value: float, low: float, high: float, unit: str = "") -> None:
    """Raise ``UsageError`` naming value and limits unless it is a number in ``low`` to ``high``.

    A limit may be infinite, a value never.
    """
    if not (low <= value <= high and isfinite(value)):
        shown = f" {unit}" if unit else ""
        raise UsageError(f"{name} must be {low:g} to {high:g}{shown}, got {value:g}{shown}")
