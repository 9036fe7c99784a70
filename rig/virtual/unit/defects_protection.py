"""Seeded defects of the overload and short-circuit protections, and of their log."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import (
    restart_kind,
    short_circuit,
    socket,
    stage,
    threshold,
    time,
    unlogged,
)
from rig.virtual.unit.trips import TripCode

__all__ = ["DEFECTS"]

DEFECTS = (
    Defect(
        "overload-110-late", "R-OVL-02", "stage 1 of the inverter takes 1.6 times its time",
        stage(1, time(1.6)),
    ),
    Defect(
        "overload-125-late", "R-OVL-03", "stage 2 of the inverter takes 1.8 times its time",
        stage(2, time(1.8)),
    ),
    Defect(
        "overload-150-threshold", "R-OVL-04", "stage 3 of the inverter begins at 160 %",
        stage(3, threshold(160.0)),
    ),
    Defect(
        "overload-200-late", "R-OVL-05", "stage 4 of the inverter takes 2.5 times its time",
        stage(4, time(2.5)),
    ),
    Defect(
        "overload-forgets", "R-OVL-06", "a dip below a threshold empties the overload timers",
        lambda p: replace(p, leak_s_per_s=1e6),
    ),
    Defect(
        "socket-b-no-overload", "R-OVL-08", "socket B has no overload stages",
        socket(2, lambda each: replace(each, stages=())),
    ),
    Defect(
        "short-circuit-restarts", "R-SC-03", "a short circuit is retried as an overload is",
        restart_kind(3, "A"),
    ),
    Defect(
        "gate-block-slow", "R-SC-01", "the gates are blocked 25 ms after the comparator",
        short_circuit(gate_block_s=0.025),
    ),
    Defect(
        "relay-c-late", "R-SC-01", "the relay of socket C is driven 40 ms late",
        socket(3, lambda each: replace(each, relay_delay_s=0.040)),
    ),
    Defect(
        "gates-released-late", "R-SC-02", "the gates are released 45 ms after a short circuit",
        short_circuit(release_s=0.045),
    ),
    Defect(
        "short-circuit-stops-all", "R-SC-02", "a short circuit at a socket stops the unit",
        short_circuit(selective=False),
    ),
    Defect(
        "socket-overload-not-logged", "R-LOG-01", "trips of code 2 are not written to the log",
        unlogged(TripCode.OVERLOAD_SOCKET),
    ),
)  # fmt: skip
