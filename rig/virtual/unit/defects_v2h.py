"""Seeded defects of the CHAdeMO port, vehicle side."""

from __future__ import annotations

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_fields import fields_of
from rig.virtual.unit.parameters import Parameters

__all__ = ["DEFECTS"]

_ORDER = (0x100, 0x102, 0x101, 0x200, 0x110, 0x201)
_v2h = fields_of(Parameters, "v2h")

DEFECTS = (
    Defect(
        "v2h-frames-slow", "R-V2H-01", "each frame comes every 115 ms",
        _v2h(period_s=0.115),
    ),
    Defect(
        "v2h-frames-out-of-order", "R-V2H-01", "status is sent before the charge times",
        _v2h(order=_ORDER),
    ),
    Defect(
        "v2h-frame-skipped", "R-V2H-01", "the charge times are left out in every tenth cycle",
        _v2h(skips=10),
    ),
    Defect(
        "v2h-frame-short", "R-V2H-01", "the discharge estimate has seven bytes",
        _v2h(lengths=((0x201, 7),)),
    ),
    Defect(
        "v2h-wakes-late", "R-V2H-01", "the first frames come 1.4 s after d1",
        _v2h(wake_s=1.4),
    ),
    Defect(
        "v2h-permits-late", "R-V2H-02", "k and the enable bit come 9 s after the EVPS's frames",
        _v2h(permit_s=9.0),
    ),
    Defect(
        "v2h-closes-late", "R-V2H-02", "the contactors close 4.6 s after d2",
        _v2h(close_after_s=4.6),
    ),
    Defect(
        "v2h-requests-late", "R-V2H-02", "the first request comes 4.6 s after the contactors",
        _v2h(request_after_s=4.6, matched_within_s=6.0),
    ),
    Defect(
        "v2h-permits-discharge-early", "R-V2H-03",
        "the discharge limit says 15 A from the first frame",
        _v2h(before_start_a=15),
    ),
    Defect(
        "v2h-ramp-steep", "R-V2H-03", "the permission rises by 5 A a cycle",
        _v2h(rise_a_per_cycle=5),
    ),
    Defect(
        "v2h-follows-down-slowly", "R-V2H-03", "the permission falls by 2 A a cycle",
        _v2h(fall_a_per_cycle=2),
    ),
    Defect(
        "v2h-ignores-offer", "R-V2H-03", "what the EVPS offers and takes is ignored",
        _v2h(ignores_evps_limits=True),
    ),
    Defect(
        "v2h-over-current-late", "R-V2H-04", "current beyond the limit is borne for 8 s",
        _v2h(over_current_s=8.0),
    ),
    Defect(
        "v2h-over-current-high", "R-V2H-04", "current beyond the limit counts from 13 A on",
        _v2h(over_current_a=13.0),
    ),
    Defect(
        "v2h-over-current-bit", "R-V2H-04", "current beyond the limit is told as over-temperature",
        _v2h(over_current_fault="over_temperature"),
    ),
    Defect(
        "v2h-reverse-late", "R-V2H-05", "reverse current is borne for 3 s",
        _v2h(reverse_s=3.0),
    ),
    Defect(
        "v2h-reverse-high", "R-V2H-05", "reverse current counts from 6 A on",
        _v2h(reverse_a=6.0),
    ),
    Defect(
        "v2h-no-patience", "R-V2H-06", "a gap of 150 ms in the EVPS's frames ends the session",
        _v2h(can_loss_s=0.15),
    ),
    Defect(
        "v2h-can-loss-late", "R-V2H-06", "silence of the EVPS is borne for 2 s",
        _v2h(can_loss_s=2.0),
    ),
    Defect(
        "v2h-ignores-malfunction", "R-V2H-07", "the charger's malfunction bit is ignored",
        _v2h(heeds=0b0001_1000, malfunction_hides_stop=True),
    ),
    Defect(
        "v2h-ignores-stop-bit", "R-V2H-07", "the charger's stop bit is ignored",
        _v2h(heeds_stop=False),
    ),
    Defect(
        "v2h-k-stays", "R-V2H-07", "line k is kept when the permission ends",
        _v2h(releases_k=False),
    ),
    Defect(
        "v2h-request-stays", "R-V2H-07", "the current request is kept when the permission ends",
        _v2h(zeroes_request=False),
    ),
    Defect(
        "v2h-opens-under-current", "R-V2H-07", "the contactors open at once at any current",
        _v2h(waits_for_low_current=False, waits_for_109=False),
    ),
    Defect(
        "v2h-coil-holds", "R-V2H-07", "the contactors stay for 120 ms without their coils' supply",
        _v2h(coil_holds_s=0.12),
    ),
    Defect(
        "v2h-opens-before-cleared", "R-V2H-08", "the contactors open before 109.5.0 has gone",
        _v2h(waits_for_109=False, low_current_a=10.0),
    ),
    Defect(
        "v2h-weld-check-late", "R-V2H-08", "the weld check takes 11 s",
        _v2h(weld_done_s=11.0),
    ),
    Defect(
        "v2h-no-weld-check", "R-V2H-08",
        "the weld check is told as done as soon as the permission has ended",
        _v2h(tells_open_early=True),
    ),
    Defect(
        "v2h-no-bleeder", "R-V2H-09", "the inlet is not emptied after the contactors opened",
        _v2h(bleeds=False),
    ),
    Defect(
        "v2h-starts-in-gear", "R-V2H-10", "a session starts in any gear",
        _v2h(heeds_gear_before=False, heeds_gear=False),
    ),
    Defect(
        "v2h-drives-off", "R-V2H-10", "a session goes on when the vehicle leaves park",
        _v2h(heeds_gear=False),
    ),
    Defect(
        "v2h-any-version", "R-V2H-11", "an EVPS of version 0 is accepted",
        _v2h(heeds_version=False),
    ),
    Defect(
        "v2h-any-voltage", "R-V2H-11", "an EVPS of too low a voltage is accepted",
        _v2h(heeds_voltage=False),
    ),
    Defect(
        "v2h-any-current", "R-V2H-11", "an EVPS without current is accepted",
        _v2h(heeds_current=False),
    ),
    Defect(
        "v2h-floor-low", "R-V2H-12", "discharge goes on to 3 % below its floor",
        _v2h(floor_offset_percent=-3.0),
    ),
    Defect(
        "v2h-floor-stops-charge", "R-V2H-12", "at the discharge floor charge is refused as well",
        _v2h(floor_stops_charge=True),
    ),
    Defect(
        "v2h-pack-drained", "R-V2H-12", "discharge goes on down to 255 V",
        _v2h(min_discharge_v=255.0),
    ),
    Defect(
        "v2h-charges-too-far", "R-V2H-12", "charge goes on above 403 V",
        _v2h(full_v=412.0),
    ),
)  # fmt: skip
