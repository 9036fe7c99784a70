"""Seeded defects of output and operation that pass a limit by little, or at one place only."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import (
    Change,
    inverter,
    power_limit,
    restart,
    restart_kind,
    sequence,
    soc,
)
from rig.virtual.unit.defect_readings import misread
from rig.virtual.unit.parameters import DcWindow, Limit, Parameters
from rig.virtual.unit.readings import Span

__all__ = ["DEFECTS"]


def _pack_window(window: DcWindow) -> Change:
    return lambda p: replace(p, dc_window=window)


def _pack_offset(volts: float) -> Change:
    def changed(p: Parameters) -> Parameters:
        return replace(p, dc_voltage=replace(p.dc_voltage, offset=volts))

    return changed


def _without_c(span: Span) -> Span:
    return replace(span, ac_power_w=span.ac_power_w - span.socket_power_w[2])


DEFECTS = (
    Defect(
        "output-a-little-high", "R-OUT-01", "the output voltage is 3.6 % high",
        inverter(voltage_v=238.3),
    ),
    Defect(
        "output-low", "R-OUT-01", "the output voltage is 3.6 % low", inverter(voltage_v=221.7),
    ),
    Defect(
        "output-sags", "R-OUT-01", "the output voltage is 4 % low at full load",
        inverter(output_resistance_ohm=0.34),
    ),
    Defect(
        "frequency-a-little-low", "R-OUT-02", "the output frequency is 49.69 Hz",
        inverter(frequency_hz=49.69),
    ),
    Defect(
        "output-a-little-distorted", "R-OUT-03", "the output carries 3.2 % of harmonics",
        inverter(thd_percent=3.2),
    ),
    Defect(
        "dips-a-little-long", "R-OUT-04", "after a load step the voltage recovers in 110 ms",
        inverter(dip_per_rated=0.22, dip_tau_s=0.11),
    ),
    Defect(
        "dc-a-little-high", "R-OUT-05", "the output has a DC part of 1.8 V",
        inverter(dc_offset_v=1.8),
    ),
    Defect(
        "pack-reads-high", "R-DC-01", "the pack's voltage is read 6 V high", _pack_offset(6.0),
    ),
    Defect(
        "pack-reads-low", "R-DC-01", "the pack's voltage is read 7 V low", _pack_offset(-7.0),
    ),
    Defect(
        "pack-over-voltage-a-little-late", "R-DC-01", "pack over-voltage is debounced for 0.22 s",
        _pack_window(DcWindow(over=Limit(408.0, 0.22))),
    ),
    Defect(
        "pack-over-voltage-missing", "R-DC-01", "the pack may rise as it likes",
        _pack_window(DcWindow(over=Limit(600.0, 0.1))),
    ),
    Defect(
        "pack-over-voltage-latch-lost", "R-REC-02", "pack over-voltage is retried as an overload",
        restart_kind(14, "A"),
    ),
    Defect(
        "vehicle-stale-a-little-late", "R-PWR-03", "vehicle data count as alive for 2.6 s",
        lambda p: replace(p, vehicle_stale_s=2.6),
    ),
    Defect(
        "power-limit-a-little-late", "R-PWR-01", "sockets are shed after 2.15 s",
        power_limit(shed_s=2.15),
    ),
    Defect(
        "power-limit-blind-to-c", "R-PWR-01", "the total leaves socket C out",
        wrap={"power_limit": misread(_without_c)},
    ),
    Defect(
        "power-warning-early", "R-PWR-01", "the warning comes at 70 % of the power limit",
        power_limit(warn_percent=70.0),
    ),
    Defect(
        "returns-a-little-soon", "R-PWR-01", "a shed socket returns after 54 s of headroom",
        power_limit(return_s=54.0),
    ),
    Defect(
        "soc-warning-a-little-early", "R-SOC-01", "the warning comes 5.8 % above the floor",
        soc(warn_percent=5.8),
    ),
    Defect(
        "soc-last-a-little-late", "R-SOC-02", "the least important socket goes at 2.2 %",
        soc(by_rank_percent=(0.0, 1.5, 2.2)),
    ),
    Defect(
        "restart-pauses-doubled", "R-REC-01", "the pauses are 20, 40 and 80 s",
        restart(pauses_s=(20.0, 40.0, 80.0)),
    ),
    Defect(
        "third-pause-short", "R-REC-01", "only the third pause is wrong: 33 s",
        restart(pauses_s=(10.0, 20.0, 33.0)),
    ),
    Defect(
        "locked-out-too-soon", "R-REC-01", "overload is retried twice only",
        restart(pauses_s=(10.0, 20.0)),
    ),
    Defect(
        "restarts-counted-a-minute", "R-REC-01", "the count of restarts looks back a minute only",
        restart(within_s=60.0),
    ),
    Defect(
        "sockets-a-little-close", "R-SEQ-01", "sockets follow each other after 0.97 s",
        sequence(socket_spacing_s=0.97),
    ),
)  # fmt: skip
