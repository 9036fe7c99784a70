"""Every number of the vehicle role; sections are those of chademo.md, Leaf values section 10."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["VehicleParameters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleParameters:
    """What the vehicle is, and how long it waits."""

    protocol: int = 2
    discharge: bool = True
    charge: bool = True
    """False: discharge only; current into the vehicle is a fault then (R-V2H-05)."""
    heeds_charger: bool = True
    """False: permit whatever the charger can do, so that it is the charger that must refuse."""
    estimate: bool = True
    """Send 0x201, with ``sequence`` in its first byte (section 5.2)."""
    sequence: int = 2
    legacy_dynamic: bool = False
    """102.5.6, set by the older Leafs."""
    target_v: int = 410
    max_v: int = 435
    min_v: int = 0
    min_discharge_v: int = 250
    min_charge_a: int = 0
    charge_a: int = 15
    discharge_a: int = 15
    min_level: int = 10
    max_level: int = 100
    capacity_100wh: int = 400
    max_time_min: int = 60

    tick_s: float = 0.02
    period_s: float = 0.1
    spacing_s: float = 0.01
    """Between the frames of a cycle (section 1)."""
    phase_s: float = 0.005
    """Frames fall so long after ticks, which may take a while on instruments."""

    wake_s: float = 0.2
    """d1 to the first frame; at most 1 s (R-V2H-01)."""
    answer_s: float = 8.0
    """First frame to the first complete set of the charger: no number known, the 8 s of #7."""
    ready_s: float = 3.4
    """First frame to k (log 3.4 to 3.9 s, section 6 #7)."""
    enable_after_k_s: float = 0.1
    """k to 102.5.0, at most 1 s (section 2.3)."""
    d2_s: float = 20.0
    close_after_s: float = 1.2
    """d2 to the contactor: 1 to 2 s, at most 4 s (section 6 #12)."""
    close_s: float = 4.0
    request_after_s: float = 1.7
    """Contactor to request (section 6 #14)."""
    request_s: float = 4.0
    discharge_after_s: float = 0.4
    """First request to the first discharge limit (section 5.2)."""
    start_s: float = 2.5
    """Request to 109.5.0, as the vehicle waits (section 8.5)."""
    can_loss_s: float = 1.0
    low_current_s: float = 2.5
    """How long the vehicle waits for 5 A before it opens all the same (section 8.3)."""
    weld_after_s: float = 0.7
    """Opening to the judgement on welding: 1 s is granted for the output to fall to 25 %."""
    weld_s: float = 4.0
    d1_s: float = 10.0
    """How long it stays on CAN for d1 to fall after its weld check (design choice)."""
    farewell_s: float = 0.2
    """CAN goes on after d1 fell (0.1 to 0.4 s, section 9.1)."""

    rise_a_per_s: float = 20.0
    low_current_a: float = 5.0
    match_v: float = 20.0
    """109.1-2 against the own voltage before requesting (a Leaf tolerates 20 V, section 4.1)."""
    deviation_a: float = 10.0
    deviation_s: float = 5.0
    voltage_deviation_s: float = 5.0
    reverse_a: float = 2.0
    reverse_s: float = 1.0
    open_share: float = 0.25
    """Of the battery's voltage: the output below it shows that the contactor is open."""
    no_charge_s: float | None = 360.0
    """A Leaf ends the session when 109.3 has been 0 for so long (section 7)."""
