"""What parameters of protections are made of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limit", "SensorParameters", "Stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One overload stage: a threshold in percent of the rating, and its nominal time."""

    percent: float
    time_s: float


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold in the unit of its quantity, and how long it must be passed."""

    value: float
    time_s: float


@dataclass(frozen=True, slots=True)
class SensorParameters:
    """The measuring chain of one channel: 12 bit over plus and minus ``range``."""

    range: float
    noise: float
    """Standard deviation of one sample, in the unit of the quantity."""
    offset: float = 0.0
    gain: float = 1.0
