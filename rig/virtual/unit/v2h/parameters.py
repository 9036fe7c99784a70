"""Every number of the V2H firmware (reference outlet controller sections 1 and 3; chademo.md)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["V2hParameters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class V2hParameters:
    """The nominal unit by default; times in s. Sections are those of chademo.md."""

    order: tuple[int, ...] = (0x100, 0x101, 0x102, 0x200, 0x110, 0x201)
    """Frames of a cycle, 10 ms apart, as a ZE1 sends them (section 1)."""
    period_s: float = 0.1
    spacing_s: float = 0.01
    lengths: tuple[tuple[int, int], ...] = ()
    """Identifiers whose data length is not 8."""
    skips: int = 0
    """Every so many cycles the charge times are left out; 0 = never."""
    wake_s: float = 0.06
    """d1 to the first frame."""

    protocol: int = 2
    target_v: int = 403
    max_v: int = 410
    min_charge_a: int = 1
    charge_a: int = 15
    """Most current accepted; the discharge limit is holding register 7."""
    min_discharge_v: float = 270.0
    full_v: float = 404.0
    """Charge is allowed up to 403 V at least, whatever the sensor's tolerance."""
    return_v: float = 6.0
    """How far the pack must come back from a voltage limit."""
    floor_return_percent: float = 3.0
    floor_offset_percent: float = 0.0
    """Added to the discharge floor."""
    floor_stops_charge: bool = False
    pack_share: float = 0.97
    """Of the pack's discharge limit, for everything in all."""
    follow_within_s: float = 0.6
    """How long sockets are kept while the EVPS has yet to follow a lower limit."""
    dc_limit_w: float = 12_000.0
    """DC side of the unit in all."""

    settle_s: float = 0.5
    """First complete set of the EVPS to final parameters (0.1 to 2.9 s, section 6 #6)."""
    permit_s: float = 1.6
    """First complete set of the EVPS to k and 102.5.0."""
    permit_within_s: float = 8.0
    """d1 to k; a charger that says nothing by then is given up (section 8.5)."""
    d2_within_s: float = 20.0
    close_after_s: float = 0.8
    """d2 to the contactors."""
    closed_within_s: float = 0.5
    request_after_s: float = 1.2
    """Contactors to the first request; 2 s at most (section 6 #14)."""
    matched_within_s: float = 4.0
    """Contactors to the same voltage in 0x109."""
    match_v: float = 20.0
    start_within_s: float = 2.5
    """Request to 109.5.0."""
    discharge_after_s: float = 0.4
    """First request to the first discharge limit (section 5.2)."""
    marks_start_a: int = 1
    """Request of a unit that may only discharge: transfer starts with a request (section 6 #15)."""

    rise_a_per_cycle: int = 2
    fall_a_per_cycle: int = 255
    """Down at once (section 7)."""
    before_start_a: int = 0
    """Discharge limit told before the start."""
    ignores_evps_limits: bool = False

    can_loss_s: float = 1.0
    over_current_a: float = 9.6
    """The requirement's 10 A, less what the sensor may be off."""
    over_current_s: float = 4.8
    """The requirement's 5 s, less the sensor's and the cycle's delay."""
    over_current_fault: str = "current_deviation"
    reverse_a: float = 2.0
    reverse_s: float = 0.9
    voltage_deviation_v: float = 25.0
    voltage_deviation_s: float = 5.0
    insulation_ohm: float = 40_600.0
    insulation_s: float = 0.5
    """On top of the monitor's own filter."""
    stale_s: float = 2.0
    heeds: int = 0b0001_1010
    """Fault bits of 109.5 that stop."""
    heeds_stop: bool = True
    malfunction_hides_stop: bool = False
    heeds_lock: bool = True
    heeds_gear: bool = True
    heeds_gear_before: bool = True
    heeds_version: bool = True
    heeds_voltage: bool = True
    heeds_current: bool = True
    releases_k: bool = True
    zeroes_request: bool = True

    low_current_a: float = 5.0
    low_current_s: float = 2.5
    """How long it waits for that before it opens all the same (section 8.3)."""
    waits_for_low_current: bool = True
    waits_for_109: bool = True
    weld_share: float = 0.25
    tells_open_early: bool = False
    """Says that the contactors are open as soon as the permission has ended."""
    weld_done_s: float = 2.0
    """Opening to 102.5.3 (2.1 and 2.9 s, section 8.3)."""
    bleeds: bool = True
    farewell_s: float = 0.3
    """CAN goes on after d1 fell (0.1 to 0.4 s, section 9.1)."""

    voltage_gain: float = 1.0
    current_gain: float = 1.0
    coil_holds_s: float = 0.0
    """How much longer than it takes to fall the contactors stay when their supply goes."""
