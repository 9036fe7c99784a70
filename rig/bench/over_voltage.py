"""The supplies' own over-voltage protections, set by the envelope before anything is switched on.

The envelope bounds what the rig asks for; this bounds what a box puts out should it get a wrong
set-point all the same. It stays set afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping

from instruments.capabilities import Instrument
from rig.bench.limited_supply import LimitedSupply
from rig.bench.model import BenchFile
from rig.bench.steps import Journal

__all__ = ["protect_against_over_voltage"]

_ABOVE = 1.05
"""Room for the box's accuracy, and for what its voltage does when a load lets go."""


def protect_against_over_voltage(
    spec: BenchFile, drivers: Mapping[str, Instrument], journal: Journal
) -> None:
    """Set each supply's protection that has one, where the bench file bounds its voltage.

    Raises what the drivers raise: then nothing may be energised.
    """
    for role, limits in spec.envelope.items():
        driver = drivers[role]
        box = driver.over_voltage if isinstance(driver, LimitedSupply) else None
        level_v = limits.ovp_v or (limits.voltage_v or 0.0) * _ABOVE
        if box is not None and level_v:
            box.set_ovp(level_v)
            journal.note(f"{role}: its own over-voltage protection at {level_v:g} V")
