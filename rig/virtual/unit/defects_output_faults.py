"""Seeded defects of the supervision of the output's voltage and frequency (R-VF-01 to 03)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import Change, ac_window, restart_kind, unlogged
from rig.virtual.unit.defect_wraps import blind_while, trips_as
from rig.virtual.unit.parameters import Limit
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import TripCode

__all__ = ["DEFECTS"]


def _voltage_reads(gain: float) -> Change:
    return lambda p: replace(p, ac_voltage=replace(p.ac_voltage, gain=gain))


def _fast_clock(span: Span) -> bool:
    return bool(np.max(span.ac_frequency_hz) > 50.0)


def _slow_clock(span: Span) -> bool:
    return bool(np.max(span.ac_frequency_hz) < 50.0)


def _low_pack(span: Span) -> bool:
    return span.dc_voltage_v < 370.0


DEFECTS = (
    Defect(
        "over-voltage-slow-missing", "R-VF-01", "only 120 % of the output's voltage is seen",
        ac_window(over_slow=Limit(400.0, 0.6)),
    ),
    Defect(
        "over-voltage-slow-high", "R-VF-01", "the slow stage of over-voltage begins at 268 V",
        ac_window(over_slow=Limit(268.0, 0.6)),
    ),
    Defect(
        "over-voltage-slow-late", "R-VF-01", "the slow stage of over-voltage takes 1.1 s",
        ac_window(over_slow=Limit(257.6, 1.1)),
    ),
    Defect(
        "over-voltage-fast-missing", "R-VF-01", "over-voltage has its slow stage only",
        ac_window(over_fast=Limit(400.0, 0.04)),
    ),
    Defect(
        "over-voltage-fast-late", "R-VF-01", "the fast stage of over-voltage takes 95 ms",
        ac_window(over_fast=Limit(270.0, 0.095)),
    ),
    Defect(
        "voltage-reads-low", "R-VF-01", "the sensor of the output's voltage reads 4 % low",
        _voltage_reads(0.96),
    ),
    Defect(
        "over-voltage-needs-a-full-pack", "R-VF-01", "no over-voltage is seen below 370 V of pack",
        wrap=blind_while(_low_pack, "ac_over_voltage"),
    ),
    Defect(
        "under-voltage-slow-missing", "R-VF-02", "only 100 V of output are seen as too low",
        ac_window(under_slow=Limit(0.0, 5.0)),
    ),
    Defect(
        "under-voltage-slow-low", "R-VF-02", "the slow stage of under-voltage begins at 172 V",
        ac_window(under_slow=Limit(172.0, 5.0)),
    ),
    Defect(
        "under-voltage-slow-late", "R-VF-02", "the slow stage of under-voltage takes 6.4 s",
        ac_window(under_slow=Limit(183.0, 6.4)),
    ),
    Defect(
        "under-voltage-fast-missing", "R-VF-02", "under-voltage has its slow stage only",
        ac_window(under_fast=Limit(0.0, 0.05)),
    ),
    Defect(
        "under-voltage-fast-late", "R-VF-02", "the fast stage of under-voltage takes 95 ms",
        ac_window(under_fast=Limit(104.0, 0.095)),
    ),
    Defect(
        "frequency-missing", "R-VF-03", "no frequency is seen as wrong",
        ac_window(frequency=Limit(20.0, 0.4)),
    ),
    Defect(
        "frequency-wide", "R-VF-03", "the frequency may be off by 1.15 Hz",
        ac_window(frequency=Limit(1.15, 0.4)),
    ),
    Defect(
        "frequency-late", "R-VF-03", "a wrong frequency is seen after 1.1 s",
        ac_window(frequency=Limit(0.9, 1.1)),
    ),
    Defect(
        "frequency-high-unseen", "R-VF-03", "only a low frequency is seen as wrong",
        wrap=blind_while(_fast_clock, "ac_frequency"),
    ),
    Defect(
        "frequency-low-unseen", "R-VF-03", "only a high frequency is seen as wrong",
        wrap=blind_while(_slow_clock, "ac_frequency"),
    ),
    Defect(
        "over-voltage-called-under", "R-LOG-01", "over-voltage is logged as under-voltage",
        wrap=trips_as("ac_over_voltage", code=TripCode.AC_UNDER_VOLTAGE),
    ),
    Defect(
        "frequency-not-logged", "R-LOG-01", "trips of code 10 are not written to the log",
        unlogged(10),
    ),
    Defect(
        "under-voltage-value-lost", "R-LOG-01", "under-voltage is logged with 230 V",
        wrap=trips_as("ac_under_voltage", value=2300),
    ),
    Defect(
        "over-voltage-restarts", "R-REC-02", "over-voltage is retried as an overload is",
        restart_kind(8, "A"),
    ),
    Defect(
        "frequency-restarts", "R-REC-02", "a wrong frequency is retried as an overload is",
        restart_kind(10, "A"),
    ),
)  # fmt: skip
