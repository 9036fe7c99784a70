"""Seeded defects of the 12 V supply's supervision and of the reset (R-WDG-01)."""

from __future__ import annotations

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import restart_kind, supply, unlogged
from rig.virtual.unit.defect_wraps import blind_while
from rig.virtual.unit.parameters import Limit
from rig.virtual.unit.readings import Span

__all__ = ["DEFECTS"]

_LOADED_W = 1000.0


def _loaded(span: Span) -> bool:
    return -span.dc_voltage_v * span.dc_current_a > _LOADED_W


DEFECTS = (
    Defect(
        "brown-out-unseen", "R-WDG-01", "a low 12 V supply is not seen",
        supply(brown_out=Limit(0.0, 0.02)),
    ),
    Defect(
        "brown-out-low", "R-WDG-01", "the 12 V supply counts as low below 5.5 V",
        supply(brown_out=Limit(5.5, 0.02)),
    ),
    Defect(
        "brown-out-late", "R-WDG-01", "the 12 V supply must be low for 120 ms",
        supply(brown_out=Limit(8.0, 0.12)),
    ),
    Defect(
        "brown-out-unseen-under-load", "R-WDG-01", "a low 12 V supply is seen without load only",
        wrap=blind_while(_loaded, "brown_out"),
    ),
    Defect(
        "on-through-reset", "R-WDG-01", "the drivers hold gates and relays without their processor",
        supply(drops_out=False),
    ),
    Defect(
        "on-after-reset", "R-WDG-01", "after a reset the unit goes on where it was",
        supply(resumes=True),
    ),
    Defect(
        "brown-out-restarts", "R-WDG-01", "a brown-out is retried as an overload is",
        restart_kind(21, "A"),
    ),
    Defect(
        "brown-out-not-logged", "R-LOG-01", "trips of code 21 are not written to the log",
        unlogged(21),
    ),
)  # fmt: skip
