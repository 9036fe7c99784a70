"""Compare ways to tell a trip time with the truth: samples, RMS read-outs, polling.

Run: python -m benchmarks.trip_time [--trips N] [--rate HZ] [--seed N]
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.other_methods import by_half_cycles, by_one_cycle, by_polling
from rig.measure.measurement import Measurement
from rig.measure.synthetic import KINDS, TrueTrip, random_trip
from rig.measure.trip_time import trip_time

PERIODS_S = (0.02, 0.1, 1.0)


@dataclass
class Method:
    """The errors of one way to tell the time, in ms."""

    name: str
    errors: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    missed: int = 0

    def row(self) -> str:
        """Return bias, spread and worst case as one line of the table."""
        if not self.errors:
            return f"{self.name:30s} {'-':>9s} {'-':>9s} {'-':>9s} {'-':>8s} {self.missed:6d}"
        e = np.array(self.errors)
        cover = f"{100.0 * np.mean(self.covered):.1f} %" if self.covered else "-"
        return (
            f"{self.name:30s} {e.mean():+9.3f} {e.std():9.3f} {np.abs(e).max():9.3f} "
            f"{cover:>8s} {self.missed:6d}"
        )


def sampled(truth: TrueTrip, method: Method) -> None:
    """Add what this project says of a trip."""
    has_voltage = len(truth.capture.waveforms) > 1
    result = trip_time(truth.capture, "current", reference="voltage" if has_voltage else None)
    if not isinstance(result, Measurement):
        method.missed += 1
        return
    error = result.value - truth.trip_time_s
    method.errors.append(1e3 * error)
    method.covered.append(abs(error) <= result.expanded())


def add(method: Method, truth: TrueTrip, told_s: float) -> None:
    """Add what another way of telling the time says; NaN counts as missed."""
    if math.isnan(told_s):
        method.missed += 1
        return
    method.errors.append(1e3 * (told_s - truth.trip_time_s))


def run(trips: int, rate_hz: float, seed: int) -> None:
    """Print one table over all trips, and one of the samples by kind of trip."""
    samples = {kind: Method(kind) for kind in KINDS}
    everything = Method("samples (this project)")
    half, cycle = Method("one-cycle RMS each half cycle"), Method("sliding one-cycle RMS")
    polls = [Method(f"polling every {1e3 * p:g} ms") for p in PERIODS_S]
    rng, spent = np.random.default_rng(seed), 0.0
    for n in range(trips):
        kind = KINDS[n % len(KINDS)]
        truth = random_trip(np.random.default_rng([seed, n]), kind, rate_hz=rate_hz)
        began = time.perf_counter()
        sampled(truth, samples[kind])
        spent += time.perf_counter() - began
        wave, start = truth.capture.waveform("current"), 0.0 if truth.triggered else truth.onset_s
        add(half, truth, by_half_cycles(wave, start, truth.end_s))
        add(cycle, truth, by_one_cycle(wave, start, truth.end_s))
        for method, period in zip(polls, PERIODS_S, strict=True):
            add(method, truth, by_polling(wave, start, truth.end_s, rng, period))
    for method in samples.values():
        everything.errors += method.errors
        everything.covered += method.covered
        everything.missed += method.missed
    head = (
        f"{'method':30s} {'bias/ms':>9s} {'sd/ms':>9s} {'worst/ms':>9s} {'in U':>8s} {'missed':>6s}"
    )
    print(f"{trips} trips at {rate_hz:g} S/s, seed {seed}; {1e3 * spent / trips:.1f} ms a trip")
    print(head)
    for method in (everything, half, cycle, *polls):
        print(method.row())
    print("\nsamples, by kind of trip")
    print(head)
    for method in samples.values():
        print(method.row())


def main() -> None:
    """Read the options and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trips", type=int, default=600)
    parser.add_argument("--rate", type=float, default=100e3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    run(options.trips, options.rate, options.seed)


if __name__ == "__main__":
    main()
