"""Seeded defects of the reaction to a short circuit: limiting, opening, the others, the latch."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import inverter, restart, short_circuit, socket

__all__ = ["DEFECTS"]

DEFECTS = (
    Defect(
        "gate-block-a-little-slow", "R-SC-01", "the gates are blocked 22 ms after the comparator",
        short_circuit(gate_block_s=0.022),
    ),
    Defect(
        "current-limit-high", "R-SC-01", "the electronic limit lies at 92 A",
        inverter(current_limit_a=92.0),
    ),
    Defect(
        "blind-near-zero", "R-SC-01",
        "a short circuit that closes near a zero of the voltage is taken for inrush for 30 ms",
        short_circuit(slow_rise_block_s=0.030),
    ),
    Defect(
        "relay-b-wears", "R-SC-01", "the relay of socket B is driven 40 ms late after 3 openings",
        socket(2, lambda each: replace(each, wears_after=3, worn_delay_s=0.040)),
    ),
    Defect(
        "gates-released-a-little-late", "R-SC-02", "the gates are released after 32 ms",
        short_circuit(release_s=0.032),
    ),
    Defect(
        "ramp-slow", "R-SC-02", "the output takes 50 ms to come back", inverter(ramp_s=0.050),
    ),
    Defect(
        "short-circuit-at-a-opens-b", "R-SC-02", "a short circuit at A opens socket B too",
        short_circuit(takes_along=(2, 0, 0)),
    ),
    Defect(
        "short-circuit-at-c-opens-a", "R-SC-02", "a short circuit at C opens socket A too",
        short_circuit(takes_along=(0, 0, 1)),
    ),
    Defect(
        "latch-lost-without-supply", "R-SC-03", "a 12 V cut acknowledges every latched trip",
        restart(latches_kept=False),
    ),
)  # fmt: skip
