"""The numbers a session is judged by; sections are those of the fact sheet chademo.md."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that break a rule, and tighter ones (``asked``) that are only worth a note."""

    period_s: float = 0.1
    period_tolerance_s: float = 0.01
    """Section 1."""
    period_stray_share: float = 0.1
    """Share of the gaps that may stray: real chargers do, now and then (section 1)."""
    lost_frame_s: float = 0.15
    """A longer gap means a frame was lost; one is to be tolerated, two in a row are not."""
    lost_frames_s: float = 0.25
    can_loss_s: float = 1.0
    can_loss_reaction_s: float = 1.35
    """R-V2H-06 asks for 1.2 s; the sign of it comes with the next frame, a cycle later."""
    session_gap_s: float = 2.0
    """Silence that parts two sessions (design choice)."""
    cycle_pause_s: float = 0.03
    """A side's frames come within 20 ms of each other, then it pauses (section 1)."""

    answer_s: float = 1.0
    enable_s: float = 8.0
    """From d1, for which the vehicle's first frame stands in: the line is not on the bus."""
    lock_s: float = 20.0
    close_s: float = 24.0
    """20 s to d2 and 4 s from there to the contactor; asked: 20 s and 2 s."""
    close_asked_s: float = 22.0
    request_s: float = 4.0
    start_s: float = 2.5
    start_asked_s: float = 0.5
    first_current_s: float = 4.0
    obey_stop_s: float = 4.0
    obey_stop_asked_s: float = 2.0
    low_current_s: float = 2.5
    low_current_asked_s: float = 0.5
    clear_charging_s: float = 0.5
    weld_s: float = 10.0
    weld_asked_s: float = 4.0
    output_quarter_s: float = 1.0
    output_gone_s: float = 2.0
    """Sections 6, 8.3 and 8.5."""

    same_cycle_s: float = 0.15
    """Within this, what belongs into one cycle of 100 ms has been sent, jitter included."""
    follow_down_s: float = 0.25
    """A request above what is available may last two cycles, one frame being lost."""
    slew_a_per_s: float = 20.0
    slew_slack_a: float = 1.0
    """Whole amperes and jitter of the frames."""
    low_current_a: int = 5
    deviation_a: int = 10
    deviation_s: float = 5.0
    under_supply_a: int = 20
    """Sections 4.1 and 12 (17)."""
    overshoot_a: int = 2
    floor_s: float = 5.0
    """How long a level or voltage floor may be passed before it counts (design choice)."""
    flag_fault_s: float = 1.0
    """How soon after the 5 s the vehicle must have flagged the deviation (design choice)."""

    no_voltage_v: int = 10
    test_over_v: int = 20
    test_seen_v: int = 50
    """Section 6, 9 to 13."""
