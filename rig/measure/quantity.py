"""A number with its unit and standard uncertainty, and the budget the uncertainty comes from."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["COVERAGE_FACTOR", "Budget", "Component", "Distribution", "Quantity", "coverage_factor"]

COVERAGE_FACTOR = 2.0
"""For a result whose uncertainty is itself well known: 95.45 % of a normal distribution."""

Distribution = Literal["normal", "rectangular", "triangular"]

_DIVISOR: dict[Distribution, float] = {
    "normal": 1.0,
    "rectangular": math.sqrt(3.0),
    "triangular": math.sqrt(6.0),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in a unit; ``u`` is its standard uncertainty in the same unit."""

    value: float
    unit: str
    u: float = 0.0

    def __post_init__(self) -> None:
        if not self.u >= 0.0:
            raise ValueError(f"standard uncertainty must be 0 or above, got {self.u}")

    def expanded(self, k: float = COVERAGE_FACTOR) -> float:
        """Return the expanded uncertainty ``k * u``."""
        return k * self.u

    def __str__(self) -> str:
        return f"{self.value:.6g} {self.unit} (u = {self.u:.2g} {self.unit})"


@dataclass(frozen=True, slots=True)
class Component:
    """One line of a budget; ``u`` is in the unit of its own source, ``sensitivity`` converts it."""

    name: str
    kind: Literal["A", "B"]
    distribution: Distribution
    u: float
    sensitivity: float = 1.0
    degrees_of_freedom: float = math.inf
    """How many independent repetitions ``u`` rests on, less what was fitted (type A)."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.u) and self.u >= 0.0):
            raise ValueError(f"{self.name}: standard uncertainty must be 0 or above, got {self.u}")
        if not self.degrees_of_freedom > 0.0:
            raise ValueError(f"{self.name}: degrees of freedom must be above 0")

    @classmethod
    def within(
        cls,
        name: str,
        half_width: float,
        *,
        distribution: Distribution = "rectangular",
        sensitivity: float = 1.0,
    ) -> Component:
        """Make a type B component from the half-width of the interval the source stays in."""
        return cls(name, "B", distribution, half_width / _DIVISOR[distribution], sensitivity)

    @classmethod
    def of_repeats(
        cls, name: str, values: Sequence[float], *, sensitivity: float = 1.0
    ) -> Component:
        """Make a type A component: what the mean of repeated values is uncertain by."""
        if len(values) < 2:
            raise ValueError(f"{name}: repeatability needs two values or more, got {len(values)}")
        scatter = statistics.stdev(values) / math.sqrt(len(values))
        return cls(name, "A", "normal", scatter, sensitivity, len(values) - 1.0)

    @property
    def divisor(self) -> float:
        """What the half-width of the distribution is divided by to get ``u``."""
        return _DIVISOR[self.distribution]

    @property
    def half_width(self) -> float:
        """The half-width of the interval the source stays in; of a normal one, ``u`` itself."""
        return self.u * self.divisor

    @property
    def contribution(self) -> float:
        """The share of the result's standard uncertainty, in the result's unit."""
        return abs(self.sensitivity) * self.u


@dataclass(frozen=True, slots=True)
class Budget:
    """The uncorrelated components of one result's uncertainty, in the result's unit."""

    unit: str
    components: tuple[Component, ...] = ()

    @property
    def u(self) -> float:
        """The combined standard uncertainty: root of the sum of squares."""
        return math.hypot(*(c.contribution for c in self.components))

    @property
    def degrees_of_freedom(self) -> float:
        """The effective degrees of freedom (Welch and Satterthwaite); infinite without type A."""
        known = [c for c in self.components if c.contribution > 0.0]
        shares = math.fsum((c.contribution / self.u) ** 4 / c.degrees_of_freedom for c in known)
        return 1.0 / shares if shares > 0.0 else math.inf

    @property
    def k(self) -> float:
        """The factor that covers 95.45 % with these degrees of freedom; 2 where they are many."""
        return coverage_factor(self.degrees_of_freedom)

    def expanded(self, k: float | None = None) -> float:
        """Return the expanded uncertainty ``k * u``, by default with the budget's own ``k``."""
        return (self.k if k is None else k) * self.u

    def plus(self, *components: Component) -> Budget:
        """Return the budget with more components."""
        return Budget(self.unit, self.components + components)

    def table(self) -> str:
        """Return the budget as aligned text, one component a line, the sum last."""
        head = (
            "source", "type", "distribution", "half-width", "divisor", "u", "sensitivity",
            f"contribution/{self.unit}", "dof",
        )  # fmt: skip
        rows = [_row(component) for component in self.components]
        freedom = _dof(self.degrees_of_freedom)
        total = ("combined", "", "", "", "", "", "", f"{self.u:.3g}", freedom)
        name = f"expanded (k={self.k:.3g})"
        expanded = (name, "", "", "", "", "", "", f"{self.expanded():.3g}", "")
        return _aligned([head, *rows, total, expanded])

    def __str__(self) -> str:
        return self.table()


def coverage_factor(degrees_of_freedom: float) -> float:
    """Return Student's factor for 95.45 %: 2 for a normal distribution, more for few repeats.

    By the expansion about the normal quantile (Abramowitz and Stegun 26.7.5), exact values where
    it is too coarse; within 1 %.

    >>> round(coverage_factor(5), 2), coverage_factor(math.inf)
    (2.65, 2.0)
    """
    whole = max(degrees_of_freedom, 1.0)
    if whole < _EXACT_BELOW:
        return _FEW[int(whole) - 1]
    z = COVERAGE_FACTOR
    return z + sum(
        sum(c * z**n for n, c in terms) / (scale * whole**power) for power, scale, terms in _SERIES
    )


_FEW = (13.968, 4.527, 3.307)
_EXACT_BELOW = 4.0
_SERIES = (
    (1, 4.0, ((3, 1.0), (1, 1.0))),
    (2, 96.0, ((5, 5.0), (3, 16.0), (1, 3.0))),
    (3, 384.0, ((7, 3.0), (5, 19.0), (3, 17.0), (1, -15.0))),
)


def _row(c: Component) -> tuple[str, ...]:
    numbers = (c.half_width, c.divisor, c.u, c.sensitivity, c.contribution)
    return (
        c.name,
        c.kind,
        c.distribution,
        *(f"{number:.3g}" for number in numbers),
        _dof(c.degrees_of_freedom),
    )


def _dof(degrees_of_freedom: float) -> str:
    return "inf" if math.isinf(degrees_of_freedom) else f"{degrees_of_freedom:.0f}"


def _aligned(rows: list[tuple[str, ...]]) -> str:
    """Align text columns to the left and number columns (from the fourth) to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(
            cell.ljust(width) if i < 3 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
