"""Seeded defects of the event log: what is missing, wrong, late or lost."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import Change, unlogged
from rig.virtual.unit.parameters_log import LogParameters
from rig.virtual.unit.trips import TripCode

__all__ = ["DEFECTS"]


def _log(parameters: LogParameters) -> Change:
    return lambda p: replace(p, log=parameters)


DEFECTS = (
    Defect(
        "short-circuit-not-logged", "R-LOG-01", "short circuits are not written to the log",
        unlogged(TripCode.SHORT_CIRCUIT),
    ),
    Defect(
        "inverter-overload-not-logged", "R-LOG-01", "overloads of the inverter are not written",
        unlogged(TripCode.OVERLOAD_INVERTER),
    ),
    Defect(
        "logged-under-another-code", "R-LOG-01", "socket overloads are written as the inverter's",
        _log(LogParameters(codes={2: 1})),
    ),
    Defect(
        "logged-at-another-socket", "R-LOG-01", "trips of socket C are written as socket B's",
        _log(LogParameters(sockets={3: 2})),
    ),
    Defect(
        "logged-without-value", "R-LOG-01", "records hold no value",
        _log(LogParameters(values=False)),
    ),
    Defect(
        "log-clock-off", "R-LOG-01", "records are stamped 1.7 s late",
        _log(LogParameters(utc_offset_s=1.7)),
    ),
    Defect(
        "log-clock-early", "R-LOG-01", "records are stamped an hour early",
        _log(LogParameters(utc_offset_s=-3600.0)),
    ),
    Defect(
        "log-fills", "R-LOG-01", "the log takes six records and no more",
        _log(LogParameters(full_after=6)),
    ),
    Defect(
        "log-lost-without-supply", "R-LOG-01", "a 12 V cut empties the log",
        _log(LogParameters(kept=False)),
    ),
    Defect(
        "clock-lost-without-supply", "R-LOG-01", "after a 12 V cut the unit has forgotten the time",
        _log(LogParameters(clock_kept=False)),
    ),
)  # fmt: skip
