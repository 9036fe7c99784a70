"""Fit a periodic pattern (fundamental, harmonics, DC) to equidistant samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UsageError

__all__ = ["PeriodicFit", "coarse_frequency", "fit_periodic"]

_Floats = NDArray[np.float64]

_MOST_POINTS = 1500
"""Points a fit works on; more samples are averaged in blocks, whose low-pass is corrected."""
_MOST_RESIDUALS = 20_000
_ITERATIONS = 6


@dataclass(frozen=True, slots=True, eq=False)
class PeriodicFit:
    """``value(t) = Re sum c[k] exp(j k w (t - origin_s))``; c[0] is the DC part."""

    origin_s: float
    frequency_hz: float
    u_frequency_hz: float
    coefficients: NDArray[np.complex128]
    """Peak amplitudes by order, shape (K + 1,)."""
    sigma: float
    """Standard deviation of the samples about the pattern."""
    largest_residual: float

    def at(self, t_s: _Floats) -> _Floats:
        """Return the pattern at any instants."""
        turn = np.exp(2j * math.pi * self.frequency_hz * (t_s - self.origin_s))
        return np.asarray(np.polynomial.polynomial.polyval(turn, self.coefficients).real)


def coarse_frequency(t0_s: float, dt_s: float, values: _Floats, nominal_hz: float) -> float:
    """Return the strongest frequency within 15 % of the nominal one (to about a quarter bin).

    Raises ``UsageError`` for a single sample.
    """
    if values.size < 2:
        raise UsageError("a frequency: expected samples, got a single one")
    t, x, _ = _blocks(t0_s, dt_s, values, 20.0 * nominal_hz)
    window = np.hanning(x.size + 2)[1:-1]
    weighted = (x - np.average(x, weights=window)) * window
    step = 0.25 / max(x.size * (t[1] - t[0]), 1.0 / nominal_hz)
    grid = np.arange(0.85 * nominal_hz, 1.15 * nominal_hz + step, step)
    strength = np.abs(np.exp(-2j * math.pi * np.outer(grid, t - t[0])) @ weighted)
    return float(grid[np.argmax(strength)])


def fit_periodic(
    t0_s: float,
    dt_s: float,
    values: _Floats,
    *,
    guess_hz: float,
    harmonics: int,
    refine: bool = True,
) -> PeriodicFit:
    """Fit DC, fundamental and harmonics by least squares; ``refine`` the frequency with them.

    The number of harmonics is cut to what the sampling rate and the number of samples carry.
    """
    top = 2.5 * (harmonics + 1) * guess_hz
    t, x, block = _blocks(t0_s, dt_s, values, top)
    orders = _affordable(harmonics, guess_hz, dt_s, x.size)
    origin = float(t[t.size // 2])
    frequency, covariance, coefficients = guess_hz, 0.0, np.zeros(1, np.complex128)
    for _ in range(_ITERATIONS if refine else 1):
        gain = _block_gain(block, orders, frequency, dt_s)
        columns, slope = _columns(t - origin, orders, frequency, gain, coefficients)
        free = refine and slope is not None
        design = np.column_stack([columns, slope]) if free and slope is not None else columns
        solution, of_last = _solve(design, x)
        coefficients = _complex(solution[: columns.shape[1]])
        if free:
            covariance = of_last
            frequency += float(solution[-1])
            if abs(solution[-1]) < 1e-9 * frequency:
                break
    if refine:
        columns, _ = _columns(
            t - origin, orders, frequency, _block_gain(block, orders, frequency, dt_s), coefficients
        )
        coefficients = _complex(_solve(columns, x)[0])
    fit = PeriodicFit(origin, frequency, math.sqrt(covariance), coefficients, 0.0, 0.0)
    return _with_residuals(fit, t0_s, dt_s, values, columns.shape[1])


def _blocks(
    t0_s: float, dt_s: float, values: _Floats, rate_hz: float
) -> tuple[_Floats, _Floats, int]:
    """Average whole blocks of samples so that ``rate_hz`` and ``_MOST_POINTS`` are kept."""
    wanted = max(values.size // _MOST_POINTS, 1)
    block = max(min(wanted, int(1.0 / (rate_hz * dt_s))), 1)
    count = values.size // block
    means = values[: count * block].reshape(count, block).mean(axis=1)
    times = t0_s + dt_s * ((block - 1) / 2.0 + block * np.arange(count, dtype=np.float64))
    return times, means, block


def _affordable(harmonics: int, frequency_hz: float, dt_s: float, points: int) -> int:
    below_nyquist = int(0.45 / (dt_s * frequency_hz))
    return max(min(harmonics, below_nyquist, (points - 4) // 4), 1)


def _block_gain(block: int, orders: int, frequency_hz: float, dt_s: float) -> _Floats:
    """Return by how much averaging a block of samples shrinks each order (Dirichlet kernel)."""
    half = math.pi * frequency_hz * dt_s * np.arange(1, orders + 1)
    return np.asarray(np.sin(block * half) / (block * np.sin(half)))


def _columns(
    t: _Floats,
    orders: int,
    frequency_hz: float,
    gain: _Floats,
    coefficients: NDArray[np.complex128],
) -> tuple[_Floats, _Floats | None]:
    """Return the design matrix and, once amplitudes are known, the column of the frequency."""
    turns = np.exp(2j * math.pi * frequency_hz * np.outer(t, np.arange(1, orders + 1))) * gain
    columns = np.hstack([np.ones((t.size, 1)), turns.real, -turns.imag])
    if coefficients.size == 1:
        return columns, None
    weights = 2j * math.pi * np.arange(1, orders + 1) * coefficients[1:]
    return columns, np.asarray(t * (turns @ weights).real)


def _solve(design: _Floats, x: _Floats) -> tuple[_Floats, float]:
    """Return the least-squares solution and the variance of its last element."""
    scale = np.linalg.norm(design, axis=0)
    scale[scale == 0.0] = 1.0
    scaled = design / scale
    gram = scaled.T @ scaled
    gram[np.diag_indices_from(gram)] += 1e-12
    inverse = np.linalg.inv(gram)
    solution = inverse @ (scaled.T @ x)
    left = max(x.size - design.shape[1], 1)
    variance = float(np.sum((x - scaled @ solution) ** 2)) / left
    return solution / scale, float(variance * inverse[-1, -1] / scale[-1] ** 2)


def _complex(solution: _Floats) -> NDArray[np.complex128]:
    orders = (solution.size - 1) // 2
    pairs = solution[1 : orders + 1] + 1j * solution[orders + 1 :]
    return np.concatenate([[complex(solution[0])], pairs])


def _with_residuals(
    fit: PeriodicFit, t0_s: float, dt_s: float, values: _Floats, parameters: int
) -> PeriodicFit:
    tail = values[-_MOST_RESIDUALS:]
    first = values.size - tail.size
    residual = tail - fit.at(t0_s + dt_s * (first + np.arange(tail.size, dtype=np.float64)))
    left = max(tail.size - parameters * tail.size // values.size, 1)
    return PeriodicFit(
        fit.origin_s,
        fit.frequency_hz,
        fit.u_frequency_hz,
        fit.coefficients,
        math.sqrt(float(np.sum(residual**2)) / left),
        float(np.max(np.abs(residual))),
    )
