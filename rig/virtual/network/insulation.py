"""Insulation: of the pack against chassis, and of the output's conductors against earth."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from math import inf

from rig.virtual.network.residual_flow import EarthFault
from rig.virtual.unit.contract import Insulation

__all__ = ["output_insulation", "pack_insulation"]

_HEALTHY_OHM = 20e6
"""Of both rails together."""
_HEALTHY_F = 0.05e-6
_LADDER_OHM = {
    "insulation_39k2": 39_200.0,
    "insulation_42k2": 42_200.0,
    "insulation_196k": 196_000.0,
    "insulation_210k": 210_000.0,
}
_Y_CAPACITOR = "insulation_y_1u"
_Y_CAPACITOR_F = 1e-6


def pack_insulation(inserted: AbstractSet[str]) -> Insulation:
    """Return the pack's insulation with what the ladder's relays put between a rail and chassis.

    The ladder leads nowhere unless a rail is chosen and the fault relay is closed; the Y-capacitors
    hang on both rails whatever the ladder does.
    """
    farad = _HEALTHY_F + (_Y_CAPACITOR_F if _Y_CAPACITOR in inserted else 0.0)
    fault_s = 0.0
    if "insulation_fault" in inserted:
        fault_s = sum(1.0 / ohm for name, ohm in _LADDER_OHM.items() if name in inserted)
    positive, negative = (
        1.0 / (0.5 / _HEALTHY_OHM + (fault_s if f"insulation_{rail}" in inserted else 0.0))
        for rail in ("positive", "negative")
    )
    return Insulation(positive, negative, farad)


def output_insulation(fault: EarthFault | None, earthing: str) -> Insulation:
    """Return what stands between the output's conductors and earth."""
    path_s = 0.0 if fault is None else fault.path.conductance_s
    path_ohm = 1.0 / path_s if path_s else inf
    neutral = fault is not None and fault.path.from_neutral
    bonded = earthing == "tn"
    return Insulation(
        first_ohm=inf if neutral else path_ohm,
        second_ohm=0.0 if bonded else path_ohm if neutral else inf,
    )
