"""Two ways of doing the same thing, timed in one run by turns, with the ratio and its interval.

A repetition opens both sides afresh and times them in alternating order, a handful of calls at a
time; its ratio is that of the medians. Shown are the median of these ratios and its bootstrap
interval over the repetitions: where the scheduler puts server and client differs from one
repetition to the next. Standard library only, so that peers can be timed in environments of
their own.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from time import perf_counter

__all__ = ["HEAD", "Medians", "Pair", "compare", "interval", "row", "timed"]

Medians = tuple[float, float]
"""Seconds of one call in one repetition: ours, bare."""

HEAD = f"{'':46} {'ours':>10} {'bare':>10}  ratio  95 % interval   target"


@dataclass(frozen=True)
class Pair:
    """Two ways of doing the same thing."""

    ours: Callable[[], object]
    bare: Callable[[], object]


def compare(
    opening: AbstractContextManager[Pair],
    *,
    rounds: int = 40,
    calls: int = 10,
    warm_up: int = 100,
    now: Callable[[], float] = perf_counter,
) -> Medians:
    """Open a pair and return the median seconds of one call of either side, by ``now``."""
    ours: list[float] = []
    bare: list[float] = []
    with opening as pair:
        for side in (pair.ours, pair.bare):
            timed(side, warm_up)
        for number in range(rounds):
            sides = [(pair.ours, ours), (pair.bare, bare)]
            for side, times in sides if number % 2 else reversed(sides):
                times.append(timed(side, calls, now))
    return statistics.median(ours), statistics.median(bare)


def timed(
    call: Callable[[], object], count: int = 1, now: Callable[[], float] = perf_counter
) -> float:
    """Return the seconds of one call, as the mean of ``count`` in a row."""
    start = now()
    for _ in range(count):
        call()
    return (now() - start) / count


def interval(values: Sequence[float], draws: int = 2000) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the median over values drawn anew."""
    generator = Random(1)
    medians = sorted(
        statistics.median(generator.choices(values, k=len(values))) for _ in range(draws)
    )
    return medians[int(0.025 * draws)], medians[int(0.975 * draws)]


def row(name: str, medians: Sequence[Medians], target: str = "") -> str:
    """Return one line of a table under ``HEAD``."""
    ratios = [ours / bare for ours, bare in medians]
    low, high = interval(ratios)
    ours_s, bare_s = (statistics.median(side) for side in zip(*medians, strict=True))
    return (
        f"{name:46} {_seconds(ours_s):>10} {_seconds(bare_s):>10}  {statistics.median(ratios):.3f}"
        f"  {low:.3f} to {high:.3f}  {target}"
    ).rstrip()


def _seconds(value: float) -> str:
    return f"{value * 1e6:.1f} us" if value < 1e-3 else f"{value * 1e3:.1f} ms"
