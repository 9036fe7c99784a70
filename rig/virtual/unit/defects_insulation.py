"""Seeded defects of the insulation monitors."""

from __future__ import annotations

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import restart_kind, unlogged
from rig.virtual.unit.defect_fields import fields_of
from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.trips import WARNING, TripCode

__all__ = ["DEFECTS"]

_pack = fields_of(Parameters, "pack_insulation")
_output = fields_of(Parameters, "output_insulation")

DEFECTS = (
    Defect(
        "insulation-low", "R-ISO-01", "the pack's insulation trips below 37 kilohm only",
        _pack(trip_ohm=37_000.0),
    ),
    Defect(
        "insulation-nervous", "R-ISO-01", "the pack's insulation trips below 44 kilohm already",
        _pack(trip_ohm=44_000.0),
    ),
    Defect(
        "insulation-reads-low", "R-ISO-01", "the pack's insulation is read 6 % too low",
        _pack(gain=0.94),
    ),
    Defect(
        "insulation-slow-with-capacitance", "R-ISO-01",
        "the monitor measures through 3 megohm: 1 uF keeps it from its end",
        _pack(per_farad_s=3.0e6),
    ),
    Defect(
        "insulation-one-rail", "R-ISO-01", "faults of the negative rail are not seen",
        _pack(sees="first"),
    ),
    Defect(
        "insulation-warns-late", "R-ISO-01", "the warning comes below 180 kilohm only",
        _pack(warn_ohm=180_000.0),
    ),
    Defect(
        "insulation-warns-early", "R-ISO-01", "the warning comes below 225 kilohm already",
        _pack(warn_ohm=225_000.0),
    ),
    Defect(
        "insulation-warning-not-logged", "R-ISO-01", "warnings of the insulation are not logged",
        unlogged(WARNING + TripCode.INSULATION_DC),
    ),
    Defect(
        "insulation-restarts", "R-REC-02", "lost insulation is retried as an overload is",
        restart_kind(TripCode.INSULATION_DC, "A"),
    ),
    Defect(
        "output-insulation-low", "R-ISO-02", "a floating output trips below 21 kilohm only",
        _output(trip_ohm=21_000.0),
    ),
    Defect(
        "output-insulation-slow", "R-ISO-02", "the monitor of a floating output settles in 0.6 s",
        _output(settles_s=0.6),
    ),
    Defect(
        "output-insulation-one-pole", "R-ISO-02", "faults of the neutral of a floating output pass",
        _output(sees="first"),
    ),
)  # fmt: skip
