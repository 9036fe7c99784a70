"""What virtual time itself costs: a million events, and four hours at a period of one second.

Run with ``python -m benchmarks.clock``.
"""

from __future__ import annotations

import random
from time import perf_counter

from rig.clock import VirtualClock

_EVENTS = 1_000_000
_FOUR_HOURS_S = 4 * 3600.0


def million_single_calls() -> float:
    """Return the seconds that a million single calls take, a hundred of them waiting at a time."""
    clock = VirtualClock()
    generator = random.Random(1)
    delays_s = [generator.random() for _ in range(1000)]
    made = 0

    def again() -> None:
        nonlocal made
        made += 1
        clock.call_at(clock.now() + delays_s[made % 1000], again)

    for delay_s in delays_s[:100]:
        clock.call_at(delay_s, again)
    start = perf_counter()
    while made < _EVENTS:
        clock.sleep_until(clock.now() + 1.0)
    return perf_counter() - start


def million_periodic_calls() -> float:
    """Return the seconds that ten activities of 1 ms to 1 s take for a million calls."""
    clock = VirtualClock()
    periods_s = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    for period_s in periods_s:
        clock.call_every(period_s, _nothing)
    start = perf_counter()
    clock.sleep_until(_EVENTS / sum(1 / period_s for period_s in periods_s))
    return perf_counter() - start


def four_hours_at_one_second() -> float:
    """Return the seconds that four hours of a plan's one-second steps take on a bare clock."""
    clock = VirtualClock()
    start = perf_counter()
    t = 0.0
    while t < _FOUR_HOURS_S:
        t += 1.0
        clock.sleep_until(t)
    return perf_counter() - start


def four_hours_periodic() -> float:
    """Return the seconds that four hours of one one-second activity take."""
    clock = VirtualClock()
    clock.call_every(1.0, _nothing)
    start = perf_counter()
    clock.sleep_until(_FOUR_HOURS_S)
    return perf_counter() - start


def main() -> None:
    """Print the table."""
    for name, took_s in (
        ("1 000 000 single calls, 100 waiting", million_single_calls()),
        ("1 000 000 periodic calls of ten activities", million_periodic_calls()),
        ("4 h bare, slept in steps of 1 s", four_hours_at_one_second()),
        ("4 h with one activity of 1 s", four_hours_periodic()),
    ):
        print(f"{name:45} {took_s:8.4f} s")


def _nothing() -> None:
    pass


if __name__ == "__main__":
    main()
