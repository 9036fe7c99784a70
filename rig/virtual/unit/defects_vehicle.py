"""Seeded defects of what the unit makes of the vehicle's words: discharge limit and charge."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import Change, pack_limit, soc, unlogged
from rig.virtual.unit.defect_wraps import blind_while, trips_as
from rig.virtual.unit.readings import Span

__all__ = ["DEFECTS"]


_EMPTY_PERCENT = 20.0
_LOW_V, _FULL_V = 300.0, 395.0


def _nearly_empty(span: Span) -> bool:
    return span.status.vehicle.soc_percent < _EMPTY_PERCENT


def _low_pack(span: Span) -> bool:
    return span.dc_voltage_v < _LOW_V


def _full_pack(span: Span) -> bool:
    return span.dc_voltage_v > _FULL_V


def _dc_current_reads(gain: float) -> Change:
    return lambda p: replace(p, dc_current=replace(p.dc_current, gain=gain))


DEFECTS = (
    Defect(
        "pack-limit-unseen", "R-PWR-02", "the pack's discharge limit is not seen",
        pack_limit(far_percent=10_000.0, near_percent=10_000.0),
    ),
    Defect(
        "pack-limit-late", "R-PWR-02", "the pack's discharge limit acts after 0.8 s",
        pack_limit(far_s=0.8, near_s=0.85),
    ),
    Defect(
        "pack-limit-a-little-late", "R-PWR-02", "far above the pack's limit it acts after 0.62 s",
        pack_limit(far_s=0.62, near_s=0.7),
    ),
    Defect(
        "pack-limit-near-late", "R-PWR-02", "a little above the pack's limit it acts after 1.3 s",
        pack_limit(near_s=1.3),
    ),
    Defect(
        "pack-limit-loose", "R-PWR-02", "a little above the pack's limit is let be",
        pack_limit(near_percent=103.5),
    ),
    Defect(
        "pack-limit-sheds-the-most-important", "R-PWR-02", "its limit takes the wrong socket",
        pack_limit(sheds="most"),
    ),
    Defect(
        "pack-limit-keeps-the-last", "R-PWR-02", "the pack's limit never takes the last socket",
        pack_limit(keeps_last=True),
    ),
    Defect(
        "pack-limit-one-by-one", "R-PWR-02", "the pack's limit takes a socket each 0.3 s",
        pack_limit(one_at_a_time=True, far_s=0.3),
    ),
    Defect(
        "dc-current-reads-low", "R-PWR-02", "the sensor of the pack's current reads 5 % low",
        _dc_current_reads(0.95),
    ),
    Defect(
        "shed-not-logged", "R-LOG-01", "sockets that are shed are not written to the log",
        unlogged(20),
    ),
    Defect(
        "shed-value-lost", "R-LOG-01", "sockets that the pack's limit sheds are logged with 1 W",
        wrap=trips_as("pack_limit", value=1),
    ),
    Defect(
        "soc-floor-not-logged", "R-LOG-01", "trips of code 12 are not written to the log",
        unlogged(12),
    ),
    Defect(
        "overload-unseen-when-empty", "R-OVL-04", "at less than 20 % of charge it sees no overload",
        wrap=blind_while(_nearly_empty, "inverter_overload"),
    ),
    Defect(
        "overload-unseen-at-low-volts", "R-OVL-04", "below 300 V of pack it sees no overload",
        wrap=blind_while(_low_pack, "inverter_overload"),
    ),
    Defect(
        "socket-c-unseen-at-high-volts", "R-OVL-09", "above 395 V of pack socket C is not watched",
        wrap=blind_while(_full_pack, "socket_overload_c"),
    ),
    Defect(
        "soc-warning-early", "R-SOC-01", "the warning of the floor comes 5.8 % above it",
        soc(warn_percent=5.8),
    ),
    Defect(
        "soc-second-early", "R-SOC-02", "the second socket goes 2.1 % above the floor",
        soc(by_rank_percent=(0.0, 2.1, 3.0)),
    ),
    Defect(
        "soc-floor-forgotten", "R-SOC-03", "a power cycle lifts the floor's hold",
        soc(kept=False),
    ),
)  # fmt: skip
