"""What the protections against faults to earth are set to: residual current, insulation.

The reference outlet controller, sections 1 and 3; settings lie inside the limits by more than a
healthy unit's tolerances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rig.virtual.unit.parameter_kinds import SensorParameters, Stage

__all__ = ["PACK_TRIP_OHM", "PACK_WARN_OHM", "InsulationParameters", "ResidualParameters"]

_PACK_V = 405.5
PACK_TRIP_OHM = 100.0 * _PACK_V
PACK_WARN_OHM = 500.0 * _PACK_V


@dataclass(frozen=True, slots=True)
class ResidualParameters:
    """Residual current of one socket: type A of 30 mA, and detection of 6 mA direct current."""

    sensor: SensorParameters = SensorParameters(range=0.3, noise=0.0002)
    ac_rated_a: float = 0.030
    ac_stages: tuple[Stage, ...] = (Stage(70.0, 0.18), Stage(140.0, 0.06), Stage(300.0, 0.003))
    """In percent of the rated alternating current."""
    dc_rated_a: float = 0.006
    dc_stages: tuple[Stage, ...] = (Stage(73.0, 0.5), Stage(500.0, 0.08))
    """In percent of the rated direct current."""
    responds_to: Literal["rms", "mean", "positive", "negative"] = "rms"
    """What the alternating part is judged by: its RMS, the mean of its magnitude, or that of one
    kind of half-waves; all read the RMS of a sine."""
    dc_polarity: Literal["both", "positive", "negative"] = "both"
    dc_blinded_by: float | None = None
    """The direct part does not count while the alternating one is more than this many times it."""
    trips_also: tuple[int, ...] = ()
    """Sockets, by number, that go with this one."""


@dataclass(frozen=True, slots=True)
class InsulationParameters:
    """Insulation of two conductors against earth; ``warn_ohm`` None = no warning."""

    trip_ohm: float
    warn_ohm: float | None
    settles_s: float
    """Time constant of the reading, without capacitance to earth."""
    per_farad_s: float
    """What each farad to earth adds to it: the resistance the monitor measures through."""
    sees: Literal["both", "first", "second"] = "both"
    gain: float = 1.0
    """What the reading is off by."""
