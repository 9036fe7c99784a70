"""Compare trip times measured through the whole virtual bench with the circuit's own truth.

Run: python benchmarks/trip_truth.py [--trips N] [--seed N] [--jobs N] [--worst N]

Every trip goes the way of a test plan: drivers over real wires, point-on-wave trigger or load,
circuit, unit, simulated scope, capture, measurement. Each bench (new seeds of noise and of the
unit's tolerances) makes one trip of each kind. The truth begins when the branch closed, or when
the load was told to draw, and ends with the socket's current.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from rig.bench import Bench, InverterOverload, Journal, Overload, SocketOverload
from rig.controller import SocketName
from rig.measure import Measurement, NoTripSeen, Requirements, load_requirements
from rig.recording import Recorder
from rig.session import DEFAULT_BENCH, load_bench, open_bench
from rig.virtual.network import Truth

PLANS = Path(__file__).parent.parent / "testplans"
KINDS = (
    "inverter 150 %, step bank",
    "inverter 200 %, step bank",
    "socket 160 %, PF 0.5, load",
    "socket 160 %, step bank",
    "short circuit, 500 kS/s",
    "short circuit, 100 kS/s",
)
_FIRST_SOCKET = ("socket 160 %, step bank",)
"""Only its load may carry what the step bank leaves."""
_SHORT_HOLD_S = 0.1
_SHORT_RECORD_S = 0.25


@dataclass(frozen=True, slots=True)
class Trip:
    """One trip: what really happened, what was measured and how well that was said to be known."""

    kind: str
    seed: int
    socket: str
    angle_deg: float
    true_s: float
    measured_s: float = math.nan
    """NaN: missed; the notes say why."""
    expanded_s: float = math.nan
    notes: tuple[str, ...] = ()

    @property
    def error_s(self) -> float:
        """What was measured, less the truth."""
        return self.measured_s - self.true_s

    @property
    def covered(self) -> bool:
        """Whether the truth lies within the stated uncertainty."""
        return abs(self.error_s) <= self.expanded_s


class Trials:
    """One virtual bench and its truth."""

    def __init__(self, bench: Bench, truth: Truth, requirements: Requirements, seed: int) -> None:
        self._bench, self._truth, self._seed = bench, truth, seed
        self._requirements = requirements
        self._limit_a = requirements.limit("R-SC-01", "peak_current").maximum
        self._rng = np.random.default_rng([seed, 1])

    def trip(self, kind: str) -> Trip:
        """Make one trip of a kind, at a random socket and angle."""
        sockets = self._bench.sockets
        socket = sockets[0 if kind in _FIRST_SOCKET else int(self._rng.integers(3))]
        angle_deg = float(self._rng.uniform(0.0, 359.9))
        if kind.startswith("short"):
            rate_hz = 1e3 * float(kind.split()[-2])
            start_s, result = self._short_circuit(socket, angle_deg, rate_hz)
            began: Literal["branch_closed", "load_changed"] = "branch_closed"
        else:
            start_s, result = self._overload(kind, socket, angle_deg)
            began = "load_changed" if kind.endswith("load") else "branch_closed"
        where = socket if began == "load_changed" else None
        start = self._truth.first(began, where, after_s=start_s)
        assert start is not None
        end = self._truth.first("current_ended", socket, after_s=start)
        assert end is not None
        trip = Trip(kind, self._seed, socket, angle_deg, end - start)
        if not isinstance(result, Measurement) or result.problems:
            return replace(trip, notes=(str(result), *result.problems))
        return replace(
            trip, measured_s=result.value, expanded_s=result.expanded(), notes=result.notes
        )

    def _overload(
        self, kind: str, socket: SocketName, angle_deg: float
    ) -> tuple[float, Measurement | NoTripSeen]:
        with self._bench.energised(power_limit_w=15_000):
            overload = self._overload_of(kind, socket)
            overload.prepare()
            self._bench.sleep(float(self._rng.uniform(0.0, 0.02)))
            with overload.capture() as wave:
                start_s = self._bench.clock.now()
                overload.apply(angle_deg)
            return start_s, overload.trip_time(wave)

    def _overload_of(self, kind: str, socket: SocketName) -> Overload:
        get = self._requirements.get
        if kind.startswith("inverter"):
            requirement = get("R-OVL-05" if "200" in kind else "R-OVL-04")
            return InverterOverload(self._bench, socket, requirement)
        power_factor = 0.5 if "0.5" in kind else 1.0
        return SocketOverload(self._bench, socket, get("R-OVL-09"), power_factor)

    def _short_circuit(
        self, socket: str, angle_deg: float, rate_hz: float
    ) -> tuple[float, Measurement | NoTripSeen]:
        bench = self._bench
        with bench.energised():
            with bench.capture(
                socket, _SHORT_RECORD_S, sample_rate_hz=rate_hz, peak_a=self._limit_a
            ) as wave:
                start_s = bench.clock.now()
                bench.faults.short_circuit(socket, angle_deg=angle_deg, hold_s=_SHORT_HOLD_S)
            return start_s, wave.trip_time(stimulus_ends_s=_SHORT_HOLD_S)


@contextmanager
def trials(seed: int) -> Iterator[Trials]:
    """Open a virtual bench with noise and unit of a seed; its record is thrown away."""
    spec = load_bench(DEFAULT_BENCH)
    requirements = load_requirements(PLANS / "requirements.yaml")
    with (
        tempfile.TemporaryDirectory() as folder,
        open_bench(spec, DEFAULT_BENCH, seed=seed, unit_seed=seed) as opened,
    ):
        assert opened.virtual is not None
        recorder = Recorder(Path(folder) / "run", opened.clock)
        bench = Bench(spec, str(DEFAULT_BENCH), opened.roles, opened.clock, Journal(recorder))
        try:
            yield Trials(bench, opened.virtual.truth, requirements, seed)
        finally:
            bench.make_safe()
            recorder.close()


def run(seed: int, kinds: Sequence[str] = KINDS) -> list[Trip]:
    """Make one trip of each kind on the bench of a seed."""
    with trials(seed) as bench:
        return [bench.trip(kind) for kind in kinds]


def row(name: str, trips: Sequence[Trip]) -> str:
    """Return the errors of some trips as a line of the table."""
    missed = sum(math.isnan(trip.measured_s) for trip in trips)
    trips = [trip for trip in trips if not math.isnan(trip.measured_s)]
    if not trips:
        return f"{name:28s} {0:5d} {missed:6d}"
    error = 1e3 * np.array([trip.error_s for trip in trips])
    expanded = 1e3 * np.array([trip.expanded_s for trip in trips])
    covered = 100.0 * float(np.mean([trip.covered for trip in trips]))
    return (
        f"{name:28s} {len(trips):5d} {missed:6d} {error.mean():+9.4f} {error.std():9.4f}"
        f" {np.abs(error).max():9.4f} {np.median(expanded):9.4f} {covered:8.1f} %"
    )


def table(trips: Sequence[Trip]) -> str:
    """Return the errors by kind and of all trips."""
    columns = "".join(f" {name:>9s}" for name in ("bias/ms", "sd/ms", "worst/ms", "U/ms"))
    lines = [f"{'':28s} {'n':>5s} {'missed':>6s}{columns} {'within U':>10s}"]
    for kind in dict.fromkeys(trip.kind for trip in trips):
        lines.append(row(kind, [trip for trip in trips if trip.kind == kind]))
    return "\n".join([*lines, row("all", trips)])


def _severity(trip: Trip) -> float:
    return -math.inf if math.isnan(trip.error_s) else -abs(trip.error_s)


def main() -> None:
    """Read the options, make the trips, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trips", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worst", type=int, default=0, help="show so many of the worst trips")
    options = parser.parse_args()
    benches = -(-options.trips // len(KINDS))
    began, trips = time.perf_counter(), list[Trip]()
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(run, options.seed * 10_000 + n) for n in range(benches)]
        for done in as_completed(waiting):
            trips += done.result()
            print(f"\r{len(trips)} of {benches * len(KINDS)} trips", end="", flush=True)
    trips.sort(key=lambda trip: (KINDS.index(trip.kind), trip.seed))
    print(f" in {time.perf_counter() - began:.0f} s, seed {options.seed}")
    print(table(trips))
    for trip in sorted(trips, key=_severity)[: options.worst]:
        print(
            f"\n{trip.kind}, seed {trip.seed}, socket {trip.socket}, {trip.angle_deg:.1f} deg:"
            f" {1e3 * trip.true_s:.4f} ms, error {1e3 * trip.error_s:+.4f} ms,"
            f" U {1e3 * trip.expanded_s:.4f} ms\n  " + "\n  ".join(trip.notes)
        )


if __name__ == "__main__":
    main()
