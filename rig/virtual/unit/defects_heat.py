"""Seeded defects of what watches the heat sink, and of what is wrong only while it is hot."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import Change, heat, restart_kind, unlogged
from rig.virtual.unit.defect_wraps import blind_while
from rig.virtual.unit.parameters import Limit
from rig.virtual.unit.readings import Span

__all__ = ["DEFECTS"]

_HOT_C = 50.0


def _hot(span: Span) -> bool:
    return span.heatsink_c > _HOT_C


def _sensor_offset(kelvin: float) -> Change:
    return lambda p: replace(p, heat=replace(p.heat, sensor=replace(p.heat.sensor, offset=kelvin)))


DEFECTS = (
    Defect(
        "derating-missing", "R-OT-01", "the power limit does not follow the temperature",
        heat(derate_percent_per_k=0.0),
    ),
    Defect(
        "derating-half", "R-OT-01", "the power limit falls by 1 % for each kelvin",
        heat(derate_percent_per_k=1.0),
    ),
    Defect(
        "derating-weak", "R-OT-01", "the power limit falls by 1.7 % for each kelvin",
        heat(derate_percent_per_k=1.7),
    ),
    Defect(
        "derating-steep", "R-OT-01", "the power limit falls by 3 % for each kelvin",
        heat(derate_percent_per_k=3.0),
    ),
    Defect(
        "derating-late", "R-OT-01", "the power limit falls from 64 C on",
        heat(derate_from_c=64.0),
    ),
    Defect(
        "derating-early", "R-OT-01", "the power limit falls from 50 C on",
        heat(derate_from_c=50.0),
    ),
    Defect(
        "over-temperature-missing", "R-OT-02", "no heat switches the outlets off",
        heat(trip=Limit(200.0, 0.5)),
    ),
    Defect(
        "over-temperature-high", "R-OT-02", "the outlets go off at 87 C",
        heat(trip=Limit(87.0, 0.5)),
    ),
    Defect(
        "over-temperature-late", "R-OT-02", "the outlets go off after 2.3 s of heat",
        heat(trip=Limit(84.2, 2.3)),
    ),
    Defect(
        "heat-sink-reads-low", "R-OT-02", "the sensor of the heat sink reads 2 K low",
        _sensor_offset(-2.0),
    ),
    Defect(
        "cools-too-little", "R-OT-02", "the outlets come back below 80 C",
        heat(return_c=80.0),
    ),
    Defect(
        "cools-a-little-too-little", "R-OT-02", "the outlets come back below 77 C",
        heat(return_c=77.0),
    ),
    Defect(
        "never-cool-enough", "R-OT-02", "the outlets come back below 65 C only",
        heat(return_c=65.0),
    ),
    Defect(
        "over-temperature-latches", "R-OT-02", "after over-temperature an acknowledge is awaited",
        restart_kind(11, "M"),
    ),
    Defect(
        "over-temperature-not-logged", "R-LOG-01", "trips of code 11 are not written to the log",
        unlogged(11),
    ),
    Defect(
        "overload-unseen-when-hot", "R-OVL-04", "a hot inverter does not see its overload",
        wrap=blind_while(_hot, "inverter_overload"),
    ),
    Defect(
        "socket-b-overload-unseen-when-hot", "R-OVL-09", "hot, socket B has no overload stages",
        wrap=blind_while(_hot, "socket_overload_b"),
    ),
    Defect(
        "residual-unseen-when-hot", "R-RCD-04", "hot, socket C does not see residual current",
        wrap=blind_while(_hot, "residual_c"),
    ),
)  # fmt: skip
