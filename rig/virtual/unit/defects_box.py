"""Seeded defects of the off-board V2H box."""

from __future__ import annotations

from rig.virtual.offboard.parameters import BoxParameters
from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_fields import fields_of

__all__ = ["DEFECTS"]

_box = fields_of(BoxParameters)


def _defect(name: str, requirement: str, text: str, **changes: object) -> Defect:
    return Defect(f"box-{name}", requirement, text, change_box=_box(**changes))


DEFECTS = (
    _defect("frames-slow", "R-EVPS-01", "each frame comes every 120 ms", looks_per_cycle=6),
    _defect(
        "frames-out-of-order", "R-EVPS-01", "status is sent before capability",
        order=(0x109, 0x108, 0x118, 0x208, 0x209),
    ),
    _defect("answers-late", "R-EVPS-01", "the first frames come 1.5 s after the vehicle's",
            answer_s=1.5),
    _defect("d2-under-voltage", "R-EVPS-02", "d2 goes on while 60 V stand at the plug",
            before_d2_v=60.0),
    _defect("test-too-low", "R-EVPS-02", "the insulation is tested with 300 V", test_v=300.0),
    _defect("starts-late", "R-EVPS-02", "the transfer starts 1 s after the first request",
            start_after_s=1.0),
    _defect("overdrives", "R-EVPS-03", "it drives a quarter more than is allowed",
            drive_gain=1.25),
    _defect("reports-less", "R-EVPS-03", "it reports three quarters of the current",
            report_gain=0.75),
    _defect("ignores-k", "R-EVPS-04", "line k is ignored once it was pulled", heeds_k=False),
    _defect("ignores-enable", "R-EVPS-04", "the enable bit is ignored", heeds_enable=False),
    _defect("ignores-faults", "R-EVPS-04", "fault bits of the vehicle are ignored",
            heeds_faults=False, heeds_k=False, heeds_enable=False),
    _defect("can-loss-late", "R-EVPS-05", "silence of the vehicle is borne for 3 s",
            can_loss_s=3.0, heeds_k=False),
    _defect("d1-too-soon", "R-EVPS-06", "d1 goes 0.2 s after d2", d2_to_d1_s=0.2),
    _defect("no-weld-check", "R-EVPS-06", "d2 goes before the vehicle has checked its contactors",
            waits_for_weld_check=False),
    _defect("emergency-drives-on", "R-EVPS-07", "current flows on for 0.3 s after it",
            drops_at_once=False, emergency_s=0.3),
    _defect("emergency-holds-lines", "R-EVPS-07", "the lines stay for 1.5 s after it",
            emergency_s=1.5),
    _defect("any-target", "R-EVPS-08", "a battery beyond its reach is accepted",
            heeds_target=False),
)  # fmt: skip
