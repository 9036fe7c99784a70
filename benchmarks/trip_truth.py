"""Compare trip times measured through the whole virtual bench with the circuit's own truth.

Run: python -m benchmarks.trip_truth [--trips N] [--seed N] [--jobs N] [--worst N]

Every trip goes the way of a test plan: drivers over real wires, point-on-wave trigger or load,
circuit, unit, simulated scope, capture, measurement. Each bench (new seeds of noise and of the
unit's tolerances) makes trips of each group, an equal number of each. The truth begins when the
branch closed, when the load was told to draw, or with the first half-wave; it ends with the
socket's current, or when its contact parted without any.

Beside it: what one-cycle RMS, half-cycle RMS and polling at 10 Hz would have said on these trips.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.other_methods import POLLING_S, by_half_cycles, by_one_cycle, by_polling
from rig.bench import Bench, InverterOverload, Journal, Overload, SocketOverload
from rig.bench.faults_residual import ResidualStimulus, alternating, direct, half_waves
from rig.bench.wave import CURRENT, RESIDUAL, VOLTAGE, Wave
from rig.controller import SocketName
from rig.measure import Measurement, NoTripSeen, Requirements, load_requirements
from rig.recording import Recorder
from rig.session import DEFAULT_BENCH, load_bench, open_bench
from rig.virtual.network import Network

PLANS = Path(__file__).parent.parent / "testplans"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "overload": (
        "inverter 150 %, step bank",
        "inverter 200 %, step bank",
        "socket 160 %, PF 0.5, load",
        "socket 160 %, step bank",
    ),
    "short circuit": ("short circuit, 500 kS/s", "short circuit, 100 kS/s"),
    "residual AC": ("residual AC 30 mA", "residual AC 150 mA"),
    "residual pulsating DC": (
        "residual half-waves, 0 deg",
        "residual half-waves, 90 deg",
        "residual half-waves, 135 deg",
    ),
    "residual smooth DC": ("residual DC 6 mA", "residual DC 60 mA"),
}
KINDS = tuple(kind for kinds in GROUPS.values() for kind in kinds)
ROUND = 4
"""Trips of each group that one bench makes."""
_FIRST_SOCKET = ("socket 160 %, step bank",)
"""Only its load may carry what the step bank leaves."""
_SHORT_HOLD_S = 0.1
_SHORT_RECORD_S = 0.25
_RESIDUAL_HOLD_S = {"residual DC 6 mA": 12.0}
_RESIDUAL_RECORD_S = 0.6
_HALF_WAVE_A = 0.15
_GRID_S = 1e-6
_SEEN = 0.1


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
    others: Mapping[str, float] = field(default_factory=dict)
    """What other methods said, s."""

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

    def __init__(
        self, bench: Bench, network: Network, requirements: Requirements, seed: int
    ) -> None:
        self._bench, self._network, self._truth, self._seed = bench, network, network.truth, seed
        self._requirements = requirements
        self._limit_a = requirements.limit("R-SC-01", "peak_current").maximum
        self._rng = np.random.default_rng([seed, 1])

    def trip(self, kind: str) -> Trip:
        """Make one trip of a kind, at a random socket and angle."""
        sockets = self._bench.sockets
        socket = sockets[0 if kind in _FIRST_SOCKET else int(self._rng.integers(3))]
        angle_deg = float(self._rng.uniform(0.0, 359.9))
        make = {"short": self._short_circuit, "residual": self._residual}
        made = make.get(kind.split(maxsplit=1)[0], self._overload)
        start_s, wave, result = made(kind, socket, angle_deg)
        start, end = self._true(kind, socket, start_s)
        trip = Trip(kind, self._seed, socket, angle_deg, end - start)
        if not isinstance(result, Measurement) or result.problems:
            return replace(trip, notes=(str(result), *result.problems))
        return replace(
            trip,
            measured_s=result.value,
            expanded_s=result.expanded(),
            notes=result.notes,
            others=self._others(kind, wave, result),
        )

    def _true(self, kind: str, socket: str, after_s: float) -> tuple[float, float]:
        """Return when a trip really began and ended, by the clock."""
        by_load = kind.endswith("load")
        began: Literal["branch_closed", "load_changed"]
        began = "load_changed" if by_load else "branch_closed"
        start = self._truth.first(began, socket if by_load else None, after_s=after_s)
        assert start is not None
        if "half-waves" in kind:
            start = self._first_half_wave(start)
        end = self._truth.first("current_ended", socket, after_s=start)
        assert end is not None
        return start, end

    def _first_half_wave(self, closed_s: float) -> float:
        """Return when the first half-wave began that comes above a tenth of the peak."""
        t_s = closed_s + _GRID_S * np.arange(round(0.022 / _GRID_S), dtype=np.float64)
        current = self._network.scope("scope_ac").samples(3, t_s)
        peak = float(np.max(np.abs(current)))
        seen = int(np.argmax(np.abs(current) > _SEEN * peak))
        idle = np.flatnonzero(np.abs(current[:seen]) < 1e-5 * peak)
        return float(t_s[int(idle[-1]) + 1 if idle.size else 0])

    def _others(self, kind: str, wave: Wave, result: Measurement) -> dict[str, float]:
        """Return what other ways to tell the time say of the same capture."""
        assert wave.capture is not None
        assert result.end_s is not None
        current = wave.capture.waveform(RESIDUAL if kind.startswith("residual") else CURRENT)
        start_s, end_s = result.end_s - result.value, result.end_s
        return {
            "one-cycle RMS": by_one_cycle(current, start_s, end_s),
            "half-cycle RMS": by_half_cycles(current, start_s, end_s),
            "polling 10 Hz": by_polling(current, start_s, end_s, self._rng, POLLING_S),
        }

    def _overload(self, kind: str, socket: SocketName, angle_deg: float) -> _Made:
        with self._bench.energised(power_limit_w=15_000):
            overload = self._overload_of(kind, socket)
            overload.prepare()
            self._bench.sleep(float(self._rng.uniform(0.0, 0.02)))
            with overload.capture() as wave:
                start_s = self._bench.clock.now()
                overload.apply(angle_deg)
            return start_s, wave, overload.trip_time(wave)

    def _overload_of(self, kind: str, socket: SocketName) -> Overload:
        get = self._requirements.get
        if kind.startswith("inverter"):
            requirement = get("R-OVL-05" if "200" in kind else "R-OVL-04")
            return InverterOverload(self._bench, socket, requirement)
        power_factor = 0.5 if "0.5" in kind else 1.0
        return SocketOverload(self._bench, socket, get("R-OVL-09"), power_factor)

    def _short_circuit(self, kind: str, socket: SocketName, angle_deg: float) -> _Made:
        bench, rate_hz = self._bench, 1e3 * float(kind.split()[-2])
        with bench.energised():
            with bench.capture(
                socket, _SHORT_RECORD_S, sample_rate_hz=rate_hz, peak_a=self._limit_a
            ) as wave:
                start_s = bench.clock.now()
                bench.faults.short_circuit(socket, angle_deg=angle_deg, hold_s=_SHORT_HOLD_S)
            return start_s, wave, wave.trip_time(stimulus_ends_s=_SHORT_HOLD_S)

    def _residual(self, kind: str, socket: SocketName, angle_deg: float) -> _Made:
        bench, stimulus = self._bench, self._residual_stimulus(kind)
        hold_s = _RESIDUAL_HOLD_S.get(kind, _RESIDUAL_RECORD_S - 0.1)
        with bench.energised():
            bench.faults.residual.choose(*stimulus.networks)
            bench.sleep(float(self._rng.uniform(0.0, 0.02)))
            with bench.capture(
                socket,
                hold_s + 0.1,
                residual_peak_a=stimulus.peak_a,
                channels=(VOLTAGE, RESIDUAL),
            ) as wave:
                start_s = bench.clock.now()
                bench.faults.residual.flow(
                    socket, stimulus.text, hold_s=hold_s, angle_deg=angle_deg
                )
            result = wave.trip_time(of=RESIDUAL, shape=stimulus.shape, stimulus_ends_s=hold_s)
            return start_s, wave, result

    def _residual_stimulus(self, kind: str) -> ResidualStimulus:
        words = kind.split()
        polarity: Literal["positive", "negative"]
        polarity = "positive" if self._rng.random() < 0.5 else "negative"
        if words[1] == "DC":
            return direct({"6": 0.0062, "60": 0.062}[words[2]], polarity)
        nominal_v = self._bench.spec.unit.nominal_voltage_v
        if words[1] == "AC":
            return alternating(float(words[2]) / 1e3, nominal_v)
        whole = alternating(_HALF_WAVE_A, nominal_v)
        relays = half_waves(int(words[2]), polarity)
        return replace(whole, networks=(*whole.networks, *relays), shape="pulsating", text=kind)


_Made = tuple[float, Wave, Measurement | NoTripSeen]
"""When a trip was asked for by the clock, its capture, and what was measured in it."""


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
            yield Trials(bench, opened.virtual.network, requirements, seed)
        finally:
            bench.make_safe()
            recorder.close()


def round_of(seed: int) -> tuple[str, ...]:
    """Return the kinds of one bench: equally many of each group, turn and turn about."""
    return tuple(kinds[(seed + n) % len(kinds)] for kinds in GROUPS.values() for n in range(ROUND))


def run(seed: int, kinds: Sequence[str] | None = None) -> list[Trip]:
    """Make a round of trips, or one of each kind given, on the bench of a seed."""
    with trials(seed) as bench:
        return [bench.trip(kind) for kind in (round_of(seed) if kinds is None else kinds)]


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
    """Return the errors by kind, by group and of all trips."""
    columns = "".join(f" {name:>9s}" for name in ("bias/ms", "sd/ms", "worst/ms", "U/ms"))
    lines = [f"{'':28s} {'n':>5s} {'missed':>6s}{columns} {'within U':>10s}"]
    for group, kinds in GROUPS.items():
        own = [trip for trip in trips if trip.kind in kinds]
        lines += [row(kind, [trip for trip in own if trip.kind == kind]) for kind in kinds]
        lines.append(row(f"= {group}", own))
    return "\n".join([*lines, row("= all", trips)])


def other_table(trips: Sequence[Trip]) -> str:
    """Return bias and worst error by group of what other methods said on the same trips, in ms."""
    names = ("one-cycle RMS", "half-cycle RMS", "polling 10 Hz")
    lines = [f"{'bias, worst / ms':28s}" + "".join(f" {name:>20s}" for name in names)]
    for group, kinds in GROUPS.items():
        own = [trip for trip in trips if trip.kind in kinds and trip.others]
        cells = [_errors_of(name, own) for name in names]
        lines.append(f"{group:28s}" + "".join(f" {cell:>20s}" for cell in cells))
    return "\n".join(lines)


def _errors_of(name: str, trips: Sequence[Trip]) -> str:
    error = np.array([1e3 * (trip.others[name] - trip.true_s) for trip in trips])
    error = error[np.isfinite(error)]
    return f"{error.mean():+.1f}, {np.abs(error).max():.1f}" if error.size else "-"


def _severity(trip: Trip) -> float:
    return -math.inf if math.isnan(trip.error_s) else -abs(trip.error_s)


def main() -> None:
    """Read the options, make the trips, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trips", type=int, default=40, help="of each group")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worst", type=int, default=0, help="show so many of the worst trips")
    options = parser.parse_args()
    benches = -(-options.trips // ROUND)
    began, trips = time.perf_counter(), list[Trip]()
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(run, options.seed * 10_000 + n) for n in range(benches)]
        for n, done in enumerate(as_completed(waiting), start=1):
            trips += done.result()
            print(f"\r{n} of {benches} benches", end="", flush=True)
    trips.sort(key=lambda trip: (KINDS.index(trip.kind), trip.seed))
    print(f" in {time.perf_counter() - began:.0f} s, seed {options.seed}")
    print(table(trips))
    print(f"\nthe same trips, by other methods\n{other_table(trips)}")
    for trip in sorted(trips, key=_severity)[: options.worst]:
        print(
            f"\n{trip.kind}, seed {trip.seed}, socket {trip.socket}, {trip.angle_deg:.1f} deg:"
            f" {1e3 * trip.true_s:.4f} ms, error {1e3 * trip.error_s:+.4f} ms,"
            f" U {1e3 * trip.expanded_s:.4f} ms\n  " + "\n  ".join(trip.notes)
        )


if __name__ == "__main__":
    main()
