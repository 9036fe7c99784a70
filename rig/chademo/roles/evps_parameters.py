"""Every number of the EVPS role; sections are those of chademo.md."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EvpsParameters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvpsParameters:
    """What the EVPS is, and how long it waits."""

    protocol: int = 2
    discharge: bool = True
    """109.4.0, and with it 0x208 and 0x209 (section 2.7)."""
    extension: bool = False
    """Send 0x118 (section 2.8)."""
    sequence: int = 2
    """209.0 (section 5.2)."""
    available_v: int = 500
    available_a: int = 15
    """The hardware's most; 108.3 begins with it (section 2.6)."""
    input_v: int = 500
    """208.1-2: the own maximum (section 12, 6)."""
    input_a: int = 15
    lowest_v: int = 170
    """Lowest output the power stage can work at; 109.5.3 below it (section 2.7)."""
    discharge_time_min: int = 5
    """209.1-2 during transfer; no vehicle acts on it (section 2.13)."""

    tick_s: float = 0.02
    """How often it looks and decides (design choice: five times a cycle)."""
    period_s: float = 0.1
    answer_s: float = 0.065
    """From the first complete set of the vehicle to the own first (65 ms, section 1).

    Frames fall between ticks with it, which may take a while on instruments.
    """

    enable_s: float = 8.0
    """d1 to k and 102.5.0 (section 8.5)."""
    skew_s: float = 1.0
    """k against 102.5.0 (section 4.3)."""
    lock_s: float = 2.0
    """Lock to its confirmation (no number known, section 11.2; design choice)."""
    d2_s: float = 20.0
    """k and 102.5.0 to d2 (section 8.5)."""
    close_s: float = 4.0
    close_assumed_s: float = 2.0
    """d2 to a contactor that 0.9 does not report (section 5.1)."""
    precharge_s: float = 2.0
    """To match the battery's voltage; LOG-A 0.6 s (section 6 #13), design choice."""
    request_s: float = 4.0
    can_loss_s: float = 1.0
    permission_s: float = 4.0
    """109.5.5 to k off (section 8.3)."""
    low_current_s: float = 0.5
    weld_s: float = 10.0
    weld_assumed_s: float = 4.0
    """Wait of a 0.9 session, which reports no weld check (section 5.1)."""
    d2_to_d1_s: float = 0.5
    output_gone_s: float = 2.0
    emergency_s: float = 0.1
    """Current 0 to d2 and d1 off: one cycle, in which the fault bit is told (section 8.4)."""
    farewell_s: float = 0.4
    """CAN goes on after unlocking (0.36 to 0.41 s, section 1)."""

    rise_a_per_s: float = 20.0
    fall_a_per_s: float = 80.0
    fall_within_s: float = 0.4
    """At a stop: at that rate, or faster, to have 5 A in 0.5 s (section 8.3)."""
    low_current_a: float = 5.0
    test_v: float = 500.0
    test_s: float = 0.7
    test_rise_s: float = 6.0
    """Time to reach the test voltage (LOG-B 5 s, section 6 #10)."""
    insulation_ohm_per_v: float = 100.0
    """ADVANTICS v2: at least 50 kOhm at 500 V (section 6 #10)."""
    open_v: float = 10.0
    """Below it the vehicle's contactor is open, and the plug may be unlocked."""
    before_d2_v: float = 20.0
    battery_seen_v: float = 50.0
    match_v: float = 10.0
    """Difference at which the own contactor closes (design choice)."""

    keep_alive_s: float | None = 60.0
    """A Leaf gives up six minutes after the last 109.3 above 0 (section 7)."""
    keep_alive_for_s: float = 0.2
    keep_alive_a: float = 1.0
