"""Seeded defects of the output itself: voltage, frequency, distortion, DC, steps, inrush."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import inverter, short_circuit, socket, stage
from rig.virtual.unit.parameters import Stage

__all__ = ["DEFECTS"]

DEFECTS = (
    Defect(
        "output-high", "R-OUT-01", "the output voltage is 4 % high", inverter(voltage_v=239.2),
    ),
    Defect(
        "output-rises-with-load", "R-OUT-01", "the output voltage is 4 % high at full load",
        inverter(output_resistance_ohm=-0.353),
    ),
    Defect(
        "frequency-high", "R-OUT-02", "the output frequency is 50.4 Hz",
        inverter(frequency_hz=50.4),
    ),
    Defect(
        "output-distorted", "R-OUT-03", "the output carries 4 % of harmonics of its own",
        inverter(thd_percent=4.0),
    ),
    Defect(
        "output-soft", "R-OUT-03", "the output resistance is 1.6 ohm: peaks of current bend it",
        inverter(output_resistance_ohm=1.5),
    ),
    Defect(
        "dips-deep", "R-OUT-04", "a load step of 100 % takes 35 % of the voltage at first",
        inverter(dip_per_rated=0.35, dip_tau_s=0.025),
    ),
    Defect(
        "dips-long", "R-OUT-04", "after a load step the voltage recovers in 200 ms",
        inverter(dip_per_rated=0.22, dip_tau_s=0.2),
    ),
    Defect(
        "dc-in-output", "R-OUT-05", "the output has a DC part of 2 V", inverter(dc_offset_v=2.0),
    ),
    Defect(
        "dc-in-output-negative", "R-OUT-05", "the output has a DC part of -1.6 V",
        inverter(dc_offset_v=-1.6),
    ),
    Defect(
        "motor-start-trips-inverter", "R-OUT-06", "101 % of the rating trips after 0.2 s",
        stage(1, lambda _: Stage(101.0, 0.2)),
    ),
    Defect(
        "motor-start-trips-socket-c", "R-OUT-06", "130 % of socket C trips after 0.1 s",
        socket(3, lambda each: replace(each, stages=(*each.stages, Stage(130.0, 0.1)))),
    ),
    Defect(
        "peaks-trip", "R-OUT-06", "the short-circuit comparator of the sockets fires at 35 A",
        short_circuit(socket_a=35.0),
    ),
)  # fmt: skip
