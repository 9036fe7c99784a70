"""Uncertainty budgets: what they add up to, and how they print."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.measure import Budget, Component
from rig.measure.quantity import coverage_factor

# Student's two-sided quantiles for 95.45 %, from a table.
TABLE = {1: 13.97, 2: 4.53, 3: 3.31, 4: 2.87, 5: 2.65, 8: 2.37, 10: 2.28, 20: 2.13, 50: 2.05}


@pytest.mark.parametrize(("freedom", "factor"), TABLE.items())
def test_the_coverage_factor_is_students(freedom, factor):
    assert coverage_factor(freedom) == pytest.approx(factor, rel=0.005)


@given(st.floats(1.0, 1e9), st.floats(1.0, 1e9))
def test_more_repeats_never_raise_the_coverage_factor(one, other):
    few, many = sorted((one, other))
    assert coverage_factor(few) >= coverage_factor(many) >= 2.0


def test_a_budget_of_type_b_alone_is_covered_by_two():
    budget = Budget("V", (Component.within("resolution", 0.5),))
    assert budget.degrees_of_freedom == math.inf
    assert budget.expanded() == 2.0 * budget.u


def test_few_repeats_alone_are_covered_by_students_factor():
    repeats = [10.0, 10.4, 9.9, 10.1, 10.2]
    component = Component.of_repeats("five repeats", repeats)
    assert component.u == pytest.approx(np.std(repeats, ddof=1) / math.sqrt(5))
    budget = Budget("ms", (component,))
    assert budget.degrees_of_freedom == pytest.approx(4.0)
    assert budget.expanded() == pytest.approx(2.87 * component.u, rel=0.005)


def test_effective_degrees_of_freedom_follow_welch_and_satterthwaite():
    parts = (
        Component("a", "A", "normal", 3.0, 1.0, 5.0),
        Component("b", "A", "normal", 2.0, 2.0, 9.0),
    )
    # u = 5: 5^4 / (3^4 / 5 + 4^4 / 9)
    assert Budget("s", parts).degrees_of_freedom == pytest.approx(625 / (81 / 5 + 256 / 9))


def test_one_value_has_no_repeatability():
    with pytest.raises(ValueError, match="two values"):
        Component.of_repeats("once", [1.0])


def test_a_component_knows_its_interval_and_divisor():
    component = Component.within("resolution", 0.3)
    assert component.half_width == pytest.approx(0.3)
    assert component.divisor == pytest.approx(math.sqrt(3))
    assert component.u == pytest.approx(0.3 / math.sqrt(3))


def test_the_table_shows_every_column_of_every_component():
    parts = (
        Component.within("end: sampling", 0.3, sensitivity=2.0),
        Component.of_repeats("repeats", [1.0, 1.2, 1.4]),
    )
    head, sampling, repeats, combined, expanded = str(Budget("ms", parts)).splitlines()
    assert head.split() == [
        "source", "type", "distribution", "half-width", "divisor", "u", "sensitivity",
        "contribution/ms", "dof",
    ]  # fmt: skip
    assert sampling.split()[-8:] == [
        "B", "rectangular", "0.3", "1.73", "0.173", "2", "0.346", "inf",
    ]  # fmt: skip
    assert repeats.split()[0] == "repeats"
    assert repeats.split()[-1] == "2"
    assert combined.startswith("combined")
    assert expanded.startswith("expanded (k=2.")
