"""Compare what the plans measure beside trip times with the circuit's own truth.

Run: python -m benchmarks.quantity_truth [--seeds N] [--seed N] [--jobs N]

Every seed is a bench of its own: noise, the errors of every meter, the unit's tolerances. The true
waveforms of a short circuit are taken at 10 MS/s, those of a load step at 1 MS/s.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from instruments.capabilities import PowerAnalyser
from rig.bench import Bench, Journal
from rig.bench.calibration import uncertainty_of
from rig.bench.wave import CURRENT, VOLTAGE
from rig.controller import SocketName
from rig.measure import (
    Capture,
    Interval,
    Measurement,
    Waveform,
    energy,
    half_cycle_extremes,
    i2t,
    load_requirements,
)
from rig.recording import Recorder
from rig.session import DEFAULT_BENCH, load_bench, open_bench
from rig.virtual.network import Network

REQUIREMENTS = Path(__file__).parent.parent / "testplans" / "requirements.yaml"
_CHANNELS = {VOLTAGE: 1, CURRENT: 2}
_HOLD_S = 0.1
_RECORD_S = 0.25
_BURSTS = 60


@dataclass(frozen=True, slots=True)
class Sample:
    """One quantity, measured and true."""

    quantity: str
    unit: str
    measured: float
    true: float
    expanded: float
    problems: tuple[str, ...]

    @property
    def covered(self) -> bool:
        """Whether the truth lies within the stated uncertainty."""
        return abs(self.measured - self.true) <= self.expanded


class Bystander:
    """One virtual bench, and what its circuit knows."""

    def __init__(self, bench: Bench, network: Network, analyser: PowerAnalyser, seed: int) -> None:
        self._bench, self._network, self._analyser = bench, network, analyser
        self._rng = np.random.default_rng([seed, 2])
        self._limits = load_requirements(REQUIREMENTS)

    def all(self) -> Iterator[Sample]:
        """Measure every quantity once, at a random socket and angle."""
        socket = self._bench.sockets[int(self._rng.integers(3))]
        yield self._let_through(socket)
        yield self._peak(socket)
        yield from self._step(socket)
        yield from self._steady(socket)
        yield from self._bursts(socket)

    def _let_through(self, socket: SocketName) -> Sample:
        bench = self._bench
        with bench.energised():
            with bench.capture(socket, _RECORD_S, sample_rate_hz=500e3) as wave:
                bench.faults.short_circuit(socket, angle_deg=self._angle(), hold_s=_HOLD_S)
            found = wave.let_through(within_s=0.01)
            assert wave.capture is not None
            truth = self._truth(wave.capture, CURRENT, -1e-3, 0.011, 1e-7)
        true = i2t(truth, CURRENT, start_s=0.0, duration_s=0.01)
        return _sample("i2t in 10 ms", found, true.value)

    def _peak(self, socket: SocketName) -> Sample:
        bench, limit_a = self._bench, self._limits.limit("R-SC-01", "peak_current").maximum
        with bench.energised():
            with bench.capture(socket, _RECORD_S, sample_rate_hz=500e3, peak_a=limit_a) as wave:
                bench.faults.short_circuit(socket, angle_deg=self._angle(), hold_s=_HOLD_S)
            found = wave.peak_current(later_than_s=100e-6)
            assert wave.capture is not None
            truth = self._truth(wave.capture, CURRENT, 100e-6, 0.02, 1e-7)
        largest = float(np.max(np.abs(truth.waveform(CURRENT).values)))
        return _sample("peak after 100 us", found, largest)

    def _step(self, socket: SocketName) -> Iterator[Sample]:
        bench = self._bench
        with bench.energised():
            with bench.capture(socket, 0.3) as wave:
                bench.faults.step([(socket, 2)], hold_s=0.2, angle_deg=self._angle())
            assert wave.capture is not None
            found = half_cycle_extremes(wave.capture, VOLTAGE, start_s=0.0)
            truth = self._truth(wave.capture, VOLTAGE, -0.1, 0.29, 1e-6)
        true = half_cycle_extremes(truth, VOLTAGE, start_s=0.0)
        for name, one, other in zip(("lowest", "highest"), found, true, strict=True):
            yield _sample(f"{name} half-cycle RMS", one, other.value)

    def _steady(self, socket: SocketName) -> Iterator[Sample]:
        bench = self._bench
        element = bench.spec.wiring.sockets[socket].analyser_element
        with bench.energised():
            bench.share_load(float(self._rng.uniform(0.0, 1.0)) * bench.rated_va)
            bench.sleep(1.0)
            reading = bench.output.read()[socket]
            now = bench.clock.now()
            true = self._network.analyser("analyser_ac", element).average(now - 0.2, now)
        yield _sample("voltage", bench.output.voltage(socket, reading), true.voltage_v)
        yield _sample("frequency", bench.output.frequency(socket, reading), true.frequency_hz)

    def _bursts(self, socket: SocketName) -> Iterator[Sample]:
        """Measure the energy of loads that come and go; with the meter's own gain, and without."""
        bench, load = self._bench, self._bench.loads[socket]
        element = bench.spec.wiring.sockets[socket].analyser_element
        told, true = [], []
        with bench.energised():
            self._analyser.start_integration()
            before_wh, start_s = 0.0, bench.clock.now()
            for _ in range(_BURSTS):
                load.draw_power(float(self._rng.choice([50.0, 800.0, 3000.0])))
                bench.sleep(float(self._rng.uniform(2.0, 40.0)))
                total_wh = self._analyser.read_energy_wh((element,))[element]
                now = bench.clock.now()
                told.append(Interval(start_s, now, (total_wh - before_wh) * 3600 / (now - start_s)))
                really = self._network.analyser("analyser_ac", element).average(start_s, now)
                true.append(Interval(start_s, now, really.power_w))
                before_wh, start_s = total_wh, now
            load.stop()
        known = uncertainty_of(bench.spec.roles["analyser_ac"].calibration, "power", 3000.0)
        assert known is not None
        found = energy(told, u_gain=known[0], u_zero_w=known[1], u_time_base=2e-5)
        exact = {"u_gain": 0.0, "u_zero_w": 0.0, "u_time_base": 0.0}
        yield _sample("energy of bursts", found, energy(true, **exact).value)

    def _angle(self) -> float:
        return float(self._rng.uniform(0.0, 359.9))

    def _truth(
        self, capture: Capture, name: str, start_s: float, end_s: float, dt_s: float
    ) -> Capture:
        """Return the true waveform that a capture's channel was clipped to."""
        trigger_s = self._network.truth.times("trigger")[-1]
        t_s = start_s + dt_s * np.arange(round((end_s - start_s) / dt_s), dtype=np.float64)
        values = self._network.scope("scope_ac").samples(_CHANNELS[name], trigger_s + t_s)
        unit = capture.waveform(name).unit
        return replace(capture, waveforms=(Waveform(start_s, dt_s, values, unit, name),))


def _sample(quantity: str, found: Measurement, true: float) -> Sample:
    return Sample(quantity, found.unit, found.value, true, found.expanded(), found.problems)


def run(seed: int) -> list[Sample]:
    """Measure every quantity on the bench of a seed."""
    spec = load_bench(DEFAULT_BENCH)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_bench(spec, DEFAULT_BENCH, seed=seed, unit_seed=seed) as opened,
    ):
        assert opened.virtual is not None
        recorder = Recorder(Path(folder) / "run", opened.clock)
        bench = Bench(spec, str(DEFAULT_BENCH), opened.roles, opened.clock, Journal(recorder))
        try:
            analyser = cast("PowerAnalyser", opened.roles.drivers["analyser_ac"])
            return list(Bystander(bench, opened.virtual.network, analyser, seed).all())
        finally:
            bench.make_safe()
            recorder.close()


def table(samples: Sequence[Sample]) -> str:
    """Return the errors by quantity."""
    lines = [
        f"{'':24s} {'n':>5s} {'problems':>8s} {'bias':>9s} {'sd':>9s} {'worst':>9s} {'U':>9s}"
        f" {'within U':>10s}"
    ]
    for quantity in dict.fromkeys(sample.quantity for sample in samples):
        own = [sample for sample in samples if sample.quantity == quantity]
        error = np.array([sample.measured - sample.true for sample in own])
        expanded = float(np.median([sample.expanded for sample in own]))
        covered = 100.0 * float(np.mean([sample.covered for sample in own]))
        lines.append(
            f"{quantity + ' / ' + own[0].unit:24s} {len(own):5d}"
            f" {sum(bool(sample.problems) for sample in own):8d} {error.mean():+9.4f}"
            f" {error.std():9.4f} {np.abs(error).max():9.4f} {expanded:9.4f} {covered:8.1f} %"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the options, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    began, samples = time.perf_counter(), list[Sample]()
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(run, options.seed * 10_000 + n) for n in range(options.seeds)]
        for n, done in enumerate(as_completed(waiting), start=1):
            samples += done.result()
            print(f"\r{n} of {options.seeds} benches", end="", flush=True)
    print(f" in {time.perf_counter() - began:.0f} s, seed {options.seed}")
    print(table(samples))


if __name__ == "__main__":
    main()
