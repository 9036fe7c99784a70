"""The diagnostic plug: resistors at the divider of the output's regulator, select of its clock.

The divider lies inside the loop of the instantaneous voltage, which is faster than 0.1 ms: what
it changes is changed at once. The clock is changed without a jump of phase.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from math import prod

from rig.virtual.network.plant import Plant

__all__ = ["CLOCKS_HZ", "DIVIDERS", "output_gain", "output_hz"]

DIVIDERS: Mapping[str, float] = {
    "output_115": 1.15,
    "output_120": 1.20,
    "output_76": 0.765,
    "output_42": 0.42,
}
"""By what each resistor multiplies the output voltage."""
CLOCKS_HZ: Mapping[str, float] = {"clock_fast": 1.1, "clock_slow": -1.1}
"""What each clock adds to the output frequency."""


def output_gain(inserted: Set[str]) -> float:
    """Return by what the networks that are in multiply the output voltage."""
    return prod(gain for name, gain in DIVIDERS.items() if name in inserted)


def output_hz(plant: Plant, inserted: Set[str]) -> float:
    """Return the frequency of the output with the networks that are in."""
    return plant.frequency_hz + sum(hz for name, hz in CLOCKS_HZ.items() if name in inserted)
