"""Smooth models of a current near the instant it begins, fitted where it flows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SETTLING_S",
    "Driver",
    "DriverFinder",
    "EdgeInput",
    "EdgeModel",
    "Pattern",
    "fitting_models",
]

_Floats = NDArray[np.float64]
Pattern = Callable[[_Floats], _Floats]

_MODEL_ERROR = 0.004
"""Share of the peak by which a model may miss the samples beyond their noise."""
SETTLING_S = 50e-6
"""Finite slope of a solid-state switch: left out of the fit."""
_PULSE_S = 2.2e-3
"""Half-waves that conduct from 135 degrees on last 2.5 ms."""
_DECAYS_S = tuple(0.8e-3 * 1.5**n for n in range(9))


@dataclass(frozen=True, slots=True, eq=False)
class Driver:
    """A voltage's periodic shape without its DC part: what a resistive current looks like."""

    pattern: Pattern
    u_s: float
    """How well its phase is known."""

    def backwards(self) -> Driver:
        """Return it as a record seen backwards shows it."""
        return Driver(lambda t: self.pattern(-t), self.u_s)


DriverFinder = Callable[[], Driver | None]


@dataclass(frozen=True, slots=True, eq=False)
class EdgeInput:
    """Samples about an edge, in the order "nothing, then current"."""

    t_s: _Floats
    y: _Floats
    cross: int
    """The first sample that is above the threshold and stays there."""
    on: int
    """The first sample after ``cross`` that no longer belongs to the current."""
    sigma: float
    threshold: float
    peak: float
    frequency_hz: float
    u_frequency_hz: float
    pattern: Pattern | None = None
    """A periodic part of the current that is known from before."""
    driver: DriverFinder | None = None
    """Finds the voltage that drives the current; asked only when a plain sine does not do."""

    @property
    def dt_s(self) -> float:
        """The sampling interval."""
        return float(self.t_s[1] - self.t_s[0])

    @property
    def cross_s(self) -> float:
        """The instant of the first sample above the threshold."""
        return float(self.t_s[self.cross])


@dataclass(frozen=True, slots=True)
class _Shape:
    """A family of curves: sine and cosine or not, powers of the time, a decay or not."""

    name: str
    span_s: float
    sine: bool
    powers: int
    decay_s: float | None = None
    patterned: bool = False
    driver: Driver | None = None
    """Known over the whole cycle; its column counts from the record's own time."""

    @property
    def parameters(self) -> int:
        driven = self.driver is not None
        return 2 * self.sine + driven + self.powers + (self.decay_s is not None)

    @property
    def whole(self) -> bool:
        """Whether it is told from others only by about all of its span."""
        return self.sine or (self.driver is not None and self.powers > 0)

    def basis(self, t_s: _Floats, frequency_hz: float) -> _Floats:
        """Return one column a parameter; ``t_s`` counts from the edge."""
        x = t_s * (2.0 * math.pi * frequency_hz if self.sine else 1.0 / self.span_s)
        columns = [x**n for n in range(self.powers)]
        if self.sine:
            columns += [np.sin(x), np.cos(x)]
        if self.decay_s is not None:
            columns.append(np.exp(-t_s / self.decay_s))
        if self.driver is not None:
            columns.append(self.driver.pattern(t_s))
        return np.column_stack(columns)


@dataclass(frozen=True, slots=True, eq=False)
class EdgeModel:
    """A fitted curve: a known pattern plus ``basis @ solution``."""

    shape: _Shape
    solution: _Floats
    covariance: _Floats
    spread: float
    misfit: float
    """RMS by which the samples differ from the curve beyond their noise."""
    origin_s: float
    middle_s: float
    frequency_hz: float
    pattern: Pattern | None

    @property
    def name(self) -> str:
        """What kind of curve it is."""
        return f"base and {self.shape.name}" if self.shape.patterned else self.shape.name

    @property
    def sine(self) -> bool:
        """Whether the mains frequency is part of the curve."""
        return self.shape.sine

    def at(self, t_s: _Floats) -> _Floats:
        """Return the curve at any instants."""
        free = self.shape.basis(t_s - self.origin_s, self.frequency_hz) @ self.solution
        return np.asarray(free if self.pattern is None else free + self.pattern(t_s))

    def u_at(self, t_s: float) -> float:
        """Return the standard uncertainty of the curve at an instant."""
        row = self.shape.basis(np.array([t_s - self.origin_s]), self.frequency_hz)[0]
        return math.hypot(math.sqrt(max(float(row @ self.covariance @ row), 0.0)), self.misfit)

    @property
    def driver(self) -> Driver | None:
        """The voltage whose curve it is; None for any other curve."""
        return self.shape.driver

    @property
    def exact(self) -> bool:
        """Whether the curve is that of the whole cycle, so that it holds below the threshold."""
        known = self.shape.sine or self.shape.driver is not None
        return known and self.shape.decay_s is None


def fitting_models(given: EdgeInput) -> Iterator[EdgeModel]:
    """Yield the models that explain the samples after the edge, the tightest first."""
    period = 1.0 / given.frequency_hz
    sines = [_Shape("sine", span, True, 1) for span in (period, period / 2)]
    short = [
        _Shape("cubic", 3.5e-3, False, 4),
        _Shape("parabola", 1.5e-3, False, 3),
        _Shape("line", 0.5e-3, False, 2),
    ]
    alone = _Shape("constant", 0.5e-3, False, 1)
    with_base = [*sines, alone, *short] if given.pattern else []
    based = [replace(shape, patterned=True) for shape in with_base]
    plain = list(_accepted(given, sines))
    if not plain or plain[0].misfit > 0.0:
        yield from _accepted(given, _driven(given, period))
    yield from plain
    yield from _accepted(given, based)
    yield from _decaying(given, (period, period / 2))
    yield from _accepted(given, short)


def _driven(given: EdgeInput, period_s: float) -> list[_Shape]:
    """Return the shapes of a resistive current: its voltage, over shorter and shorter spans."""
    driver = given.driver() if given.driver is not None else None
    if driver is None:
        return []
    whole = _Shape("voltage", period_s, False, 1, driver=driver)
    half = replace(whole, span_s=period_s / 2)
    return [whole, half, replace(whole, span_s=_PULSE_S, powers=0)]


def _accepted(given: EdgeInput, shapes: list[_Shape]) -> Iterator[EdgeModel]:
    for shape in shapes:
        model = _fit(given, shape)
        if model is not None:
            yield model


def _decaying(given: EdgeInput, spans_s: tuple[float, ...]) -> Iterator[EdgeModel]:
    """Yield a sine with the decay of an inductive circuit, whose time constant fits best."""
    for span_s in spans_s:
        start = _Shape("sine and decay", span_s, True, 1, _DECAYS_S[0])
        models = list(_accepted(given, [replace(start, decay_s=tau) for tau in _DECAYS_S]))
        if models:
            yield _refined(given, min(models, key=lambda model: model.spread))


def _refined(given: EdgeInput, best: EdgeModel) -> EdgeModel:
    """Search the time constant between the ones tried, each round with half the step."""
    ratio = 1.25
    for _ in range(8):
        tau = best.shape.decay_s or _DECAYS_S[0]
        near = [replace(best.shape, decay_s=t) for t in (tau / ratio, tau * ratio)]
        best = min([best, *_accepted(given, near)], key=lambda model: model.spread)
        ratio = 1.0 + 0.5 * (ratio - 1.0)
    return best


def _fit(given: EdgeInput, shape: _Shape) -> EdgeModel | None:
    """Fit one shape; None when there are too few samples, or they differ from it too much."""
    dt = given.dt_s
    first = given.cross + (int(SETTLING_S / dt) + 2 if dt < SETTLING_S else 0)
    last = min(given.cross + int(shape.span_s / dt) + 1, given.on, given.t_s.size)
    free = last - first - shape.parameters
    if free < 2 * shape.parameters or (shape.whole and (last - first) * dt < 0.9 * shape.span_s):
        return None
    t = given.t_s[first:last]
    pattern = given.pattern if shape.patterned else None
    y = given.y[first:last] if pattern is None else given.y[first:last] - pattern(t)
    origin = 0.0 if shape.driver is not None else float(t[0])
    design = shape.basis(t - origin, given.frequency_hz)
    inverse = np.linalg.pinv(design.T @ design)
    solution = inverse @ (design.T @ y)
    spread = math.sqrt(float(np.sum((y - design @ solution) ** 2)) / free)
    noise = given.sigma * (1.0 + 2.5 / math.sqrt(2.0 * free))
    if spread > math.hypot(noise, _MODEL_ERROR * given.peak):
        return None
    return EdgeModel(
        shape,
        np.asarray(solution),
        np.asarray(inverse * max(spread, given.sigma) ** 2),
        spread,
        math.sqrt(max(spread**2 - noise**2, 0.0)),
        origin,
        float(t[t.size // 2]),
        given.frequency_hz,
        pattern,
    )
