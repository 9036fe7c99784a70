"""Seeded defects of operation: pack, vehicle, charge, power limit, sequence and restart."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import (
    Change,
    power_limit,
    restart,
    restart_kind,
    sequence,
    soc,
    unlogged,
)
from rig.virtual.unit.parameters import Limit, Parameters

__all__ = ["DEFECTS"]


def _under_voltage(limit: Limit) -> Change:
    return lambda p: replace(p, dc_window=replace(p.dc_window, under=limit))


def _over_voltage(limit: Limit) -> Change:
    return lambda p: replace(p, dc_window=replace(p.dc_window, over=limit))


def _vehicle_stale_after(seconds: float) -> Change:
    def changed(parameters: Parameters) -> Parameters:
        return replace(parameters, vehicle_stale_s=seconds)

    return changed


DEFECTS = (
    Defect(
        "pack-under-voltage-late", "R-DC-01", "pack under-voltage is debounced for 0.6 s",
        _under_voltage(Limit(251.5, 0.6)),
    ),
    Defect(
        "pack-under-voltage-low", "R-DC-01", "pack under-voltage is seen below 243 V only",
        _under_voltage(Limit(243.0, 0.1)),
    ),
    Defect(
        "pack-under-voltage-early", "R-DC-01", "pack under-voltage is seen at 258 V already",
        _under_voltage(Limit(258.0, 0.1)),
    ),
    Defect(
        "pack-over-voltage-high", "R-DC-01", "pack over-voltage is seen above 416 V only",
        _over_voltage(Limit(416.0, 0.1)),
    ),
    Defect(
        "pack-over-voltage-restarts", "R-REC-02", "pack over-voltage clears itself",
        restart_kind(14, "C"),
    ),
    Defect(
        "vehicle-stale-late", "R-PWR-03", "vehicle data count as alive for 4 s",
        _vehicle_stale_after(4.0),
    ),
    Defect(
        "vehicle-counter-ignored", "R-PWR-03", "a frozen counter of the vehicle counts as alive",
        lambda p: replace(p, vehicle_any_message=True),
    ),
    Defect(
        "starts-on-stale-data", "R-PWR-03", "stale vehicle data forbid no start",
        lambda p: replace(p, vehicle_forgives_start=True),
    ),
    Defect(
        "vehicle-stale-restarts", "R-REC-02", "stale vehicle data are retried as an overload is",
        restart_kind(22, "A"),
    ),
    Defect(
        "short-circuit-clears-itself", "R-REC-02", "a short circuit is retried as an overload is",
        restart_kind(3, "A"),
    ),
    Defect(
        "power-limit-late", "R-PWR-01", "sockets are shed after 3 s", power_limit(shed_s=3.0),
    ),
    Defect(
        "power-limit-hasty", "R-PWR-01", "sockets are shed after 0.3 s", power_limit(shed_s=0.3),
    ),
    Defect(
        "sheds-the-most-important", "R-PWR-01", "the most important socket is shed",
        power_limit(sheds="most"),
    ),
    Defect(
        "sheds-the-last", "R-PWR-01", "the last socket on is shed too",
        power_limit(keeps_last=False),
    ),
    Defect(
        "sheds-before-overload", "R-PWR-01", "sockets are shed however far the excess",
        power_limit(yield_percent=1000.0),
    ),
    Defect(
        "returns-soon", "R-PWR-01", "a shed socket returns after 20 s of headroom",
        power_limit(return_s=20.0),
    ),
    Defect(
        "no-power-warning", "R-PWR-01", "the warning comes at 95 % of the power limit",
        power_limit(warn_percent=95.0),
    ),
    Defect(
        "soc-warning-late", "R-SOC-01", "the warning of the floor comes 2 % above it",
        soc(warn_percent=2.0),
    ),
    Defect(
        "soc-warning-missing", "R-SOC-01", "warnings of the floor are not logged",
        unlogged(112),
    ),
    Defect(
        "soc-order-wrong", "R-SOC-02", "the last two sockets change places before the floor",
        soc(by_rank_percent=(0.0, 3.0, 1.5)),
    ),
    Defect(
        "soc-priority-ignored", "R-SOC-02", "sockets go in the order C, B, A before the floor",
        soc(by_priority=False),
    ),
    Defect(
        "soc-floor-low", "R-SOC-02", "the most important socket goes 1 % below the floor",
        soc(by_rank_percent=(-1.0, 1.5, 3.0)),
    ),
    Defect(
        "soc-returns-soon", "R-SOC-03", "sockets come back when the charge rose by 1 %",
        soc(return_percent=1.0),
    ),
    Defect(
        "soc-returns-a-little-soon", "R-SOC-03", "sockets come back after a rise of 2.8 %",
        soc(return_percent=2.8),
    ),
    Defect(
        "sockets-together", "R-SEQ-01", "sockets follow each other after 0.4 s",
        sequence(socket_spacing_s=0.4),
    ),
    Defect(
        "sockets-by-number", "R-SEQ-01", "sockets come on as A, B, C whatever their priority",
        sequence(by_priority=False),
    ),
    Defect(
        "no-pre-check", "R-SEQ-01", "the output comes on without a pre-check",
        sequence(pre_check_s=0.001),
    ),
    Defect(
        "restarts-without-end", "R-REC-01", "overload is retried five times an hour",
        restart(pauses_s=(10.0, 20.0, 40.0, 40.0, 40.0)),
    ),
    Defect(
        "restart-pauses-alike", "R-REC-01", "overload is retried after 10 s each time",
        restart(pauses_s=(10.0, 10.0, 10.0)),
    ),
    Defect(
        "restarts-forgotten", "R-REC-01", "a power cycle zeroes counters and lifts lock-outs",
        restart(kept=False),
    ),
)  # fmt: skip
