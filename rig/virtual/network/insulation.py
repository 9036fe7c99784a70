"""Insulation: of the pack against chassis, and of the output's conductors against earth."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import inf

from rig.virtual.network.residual_flow import EarthFault

__all__ = ["PackInsulation", "output_insulation_ohm", "pack_insulation"]

_HEALTHY_OHM = 20e6
_HEALTHY_F = 0.05e-6
_LADDER_OHM = {
    "insulation_39k2": 39_200.0,
    "insulation_42k2": 42_200.0,
    "insulation_196k": 196_000.0,
    "insulation_210k": 210_000.0,
}
_Y_CAPACITOR = "insulation_y_1u"
_Y_CAPACITOR_F = 1e-6


@dataclass(frozen=True, slots=True)
class PackInsulation:
    """What a monitor between pack and chassis has to do with."""

    ohm: float
    farad: float


def pack_insulation(inserted: AbstractSet[str]) -> PackInsulation:
    """Return the pack's insulation with what the ladder's relays put between a rail and chassis.

    The ladder leads nowhere unless a rail is chosen and the fault relay is closed; the Y-capacitors
    hang on both rails whatever the ladder does.
    """
    farad = _HEALTHY_F + (_Y_CAPACITOR_F if _Y_CAPACITOR in inserted else 0.0)
    siemens = 1.0 / _HEALTHY_OHM
    rails = {"insulation_positive", "insulation_negative"} & inserted
    if "insulation_fault" in inserted and rails:
        siemens += sum(1.0 / ohm for name, ohm in _LADDER_OHM.items() if name in inserted)
    return PackInsulation(1.0 / siemens, farad)


def output_insulation_ohm(fault: EarthFault | None, earthing: str) -> float:
    """Return what stands between the output's conductors and earth: none where one is bonded."""
    if earthing == "tn":
        return 0.0
    if fault is None or fault.path.conductance_s == 0.0:
        return inf
    return 1.0 / fault.path.conductance_s
