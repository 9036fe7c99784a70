"""A number with its unit and standard uncertainty, and the budget the uncertainty comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

__all__ = ["COVERAGE_FACTOR", "Budget", "Component", "Distribution", "Quantity"]

COVERAGE_FACTOR = 2.0

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

    def __post_init__(self) -> None:
        if not (math.isfinite(self.u) and self.u >= 0.0):
            raise ValueError(f"{self.name}: standard uncertainty must be 0 or above, got {self.u}")

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

    def expanded(self, k: float = COVERAGE_FACTOR) -> float:
        """Return the expanded uncertainty ``k * u``."""
        return k * self.u

    def plus(self, *components: Component) -> Budget:
        """Return the budget with more components."""
        return Budget(self.unit, self.components + components)

    def table(self) -> str:
        """Return the budget as aligned text, one component a line, the sum last."""
        head = ("source", "type", "distribution", "u", "sensitivity", f"contribution/{self.unit}")
        rows = [
            (c.name, c.kind, c.distribution, f"{c.u:.3g}", f"{c.sensitivity:.3g}", _short(c))
            for c in self.components
        ]
        total = ("combined", "", "", "", "", f"{self.u:.3g}")
        expanded = (f"expanded (k={COVERAGE_FACTOR:g})", "", "", "", "", f"{self.expanded():.3g}")
        return _aligned([head, *rows, total, expanded])

    def __str__(self) -> str:
        return self.table()


def _short(component: Component) -> str:
    return f"{component.contribution:.3g}"


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
