"""Compare the THD of distorted mains with its truth, from 47.5 to 52.5 Hz, beside a fixed window.

Run: python -m benchmarks.distortion_truth [--waves N] [--seed N]

Every wave has harmonics of its own up to order 40 and goes through a scope: noise of 0.3 % of the
screen, 199 codes. The fixed window takes 200 ms at whatever frequency the wave has.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rig.measure import Calibration, Capture, Trigger, Waveform, thd

FREQUENCIES_HZ = (47.5, 49.0, 49.5, 49.9, 50.0, 50.1, 50.5, 51.0, 52.5)
RATE_HZ = 100e3
_RECORD_S = 0.26
_PEAK_V = 325.0
_ORDERS = (3, 5, 7, 9, 11, 13, 17, 19, 23, 29, 37, 40)
_SCREEN_V = 1250.0
_NOISE_SHARE = 0.003
_CODES = 199


@dataclass(frozen=True, slots=True)
class Told:
    """THD in percent of one wave: the truth, what this project says with its U, a fixed window."""

    frequency_hz: float
    true: float
    measured: float
    expanded: float
    fixed_window: float


def distorted(rng: np.random.Generator, frequency_hz: float) -> tuple[float, Capture]:
    """Draw a wave; return its true THD in percent, and the capture a scope makes of it."""
    t = np.arange(0.0, _RECORD_S, 1.0 / RATE_HZ)
    shares = rng.uniform(0.0, 0.03, len(_ORDERS)) / np.arange(1, len(_ORDERS) + 1) ** 0.5
    phases = rng.uniform(0.0, 2.0 * math.pi, len(_ORDERS) + 1)
    turn = 2.0 * math.pi * frequency_hz * t
    volts = np.sin(turn + phases[0])
    for order, share, phase in zip(_ORDERS, shares, phases[1:], strict=True):
        volts += share * np.sin(order * turn + phase)
    step = _SCREEN_V / _CODES
    noisy = _PEAK_V * volts + _NOISE_SHARE * _SCREEN_V * rng.standard_normal(t.size)
    wave = Waveform(0.0, 1.0 / RATE_HZ, step * np.round(noisy / step), "V", "v", step, u_gain=0.005)
    due = (Calibration("scope", date(2026, 1, 1)),)
    capture = Capture("synthetic", (wave,), Trigger("free"), date(2025, 1, 1), due)
    return 100.0 * float(np.linalg.norm(shares)), capture


def fixed_window(wave: Waveform) -> float:
    """Return the THD from subgroups of 5 Hz lines over 200 ms, whatever the frequency is."""
    samples: NDArray[np.float64] = wave.values[: round(0.2 * RATE_HZ)]
    lines = np.abs(np.fft.rfft(samples))
    groups = [float(np.linalg.norm(lines[10 * n - 1 : 10 * n + 2])) for n in range(1, 41)]
    return 100.0 * float(np.linalg.norm(groups[1:])) / groups[0]


def run(waves: int, seed: int) -> list[Told]:
    """Measure so many waves at each frequency."""
    rng = np.random.default_rng(seed)
    found = []
    for frequency_hz in FREQUENCIES_HZ:
        for _ in range(waves):
            true, capture = distorted(rng, frequency_hz)
            result = thd(capture, "v")
            naive = fixed_window(capture.waveform("v"))
            found.append(Told(frequency_hz, true, result.value, result.expanded(), naive))
    return found


def table(found: Sequence[Told]) -> str:
    """Return the errors by frequency, in points."""
    lines = [
        f"{'f/Hz':>6s} {'n':>4s} {'bias':>8s} {'worst':>8s} {'U':>7s} {'within U':>9s}"
        f" {'fixed 200 ms: worst':>20s}"
    ]
    for frequency_hz in FREQUENCIES_HZ:
        own = [each for each in found if each.frequency_hz == frequency_hz]
        error = np.array([each.measured - each.true for each in own])
        naive = max(abs(each.fixed_window - each.true) for each in own)
        covered = np.mean([abs(each.measured - each.true) <= each.expanded for each in own])
        expanded = float(np.median([each.expanded for each in own]))
        lines.append(
            f"{frequency_hz:6.1f} {len(own):4d} {error.mean():+8.4f} {np.abs(error).max():8.4f}"
            f" {expanded:7.4f} {100.0 * float(covered):7.1f} % {naive:20.3f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the options, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--waves", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.perf_counter()
    found = run(options.waves, options.seed)
    print(f"{len(found)} waves in {time.perf_counter() - began:.0f} s, seed {options.seed}")
    print(table(found))


if __name__ == "__main__":
    main()
