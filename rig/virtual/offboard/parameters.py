"""Every number of the off-board box; sections are those of chademo.md."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BoxParameters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxParameters:
    """A V2H unit in the manner of LOG-A; times in s."""

    order: tuple[int, ...] = (0x108, 0x109, 0x118, 0x208, 0x209)
    protocol: int = 2
    available_v: int = 500
    lowest_v: int = 170
    charge_a: int = 15
    discharge_a: int = 15
    max_time_min: int = 60

    look_s: float = 0.02
    looks_per_cycle: int = 5
    answer_s: float = 0.06
    permit_within_s: float = 8.0
    lock_s: float = 0.3
    test_v: float = 500.0
    test_s: float = 0.7
    test_rises_s: float = 3.0
    insulation_ohm_per_v: float = 100.0
    before_d2_v: float = 10.0
    """Half of what is allowed (section 6 #11)."""
    battery_seen_v: float = 50.0
    closes_within_s: float = 4.0
    match_v: float = 5.0
    matches_within_s: float = 2.0
    contactor_s: float = 0.06
    """Own contactor, until it is sure to have moved."""
    request_within_s: float = 4.0
    rise_a_per_s: float = 20.0
    fall_a_per_s: float = 100.0
    """A vehicle that permits nothing more must see it obeyed within two cycles and a half."""
    can_loss_s: float = 1.0
    skew_s: float = 1.0
    """k against 102.5.0 (section 4.3)."""
    low_current_a: float = 5.0
    low_current_s: float = 0.5
    weld_within_s: float = 10.0
    d2_to_d1_s: float = 0.6
    emergency_s: float = 0.1
    """Fault bit told in one cycle before the lines go (section 8.4)."""
    dropped_s: float = 0.1
    """After it the vehicle's contactors are open, their coils' supply being gone."""
    open_v: float = 10.0
    farewell_s: float = 0.4

    start_after_s: float = 0.0
    """First request to the start of the transfer."""
    drive_gain: float = 1.0
    report_gain: float = 1.0
    heeds_k: bool = True
    heeds_enable: bool = True
    heeds_faults: bool = True
    heeds_target: bool = True
    waits_for_weld_check: bool = True
    drops_at_once: bool = True
    """At an emergency stop the converter is off before the lines go."""
