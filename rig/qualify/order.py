"""Which tests tell most of a defect, and which a healthy unit meets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rig.qualify.job import PlanTest

__all__ = ["share_of", "telling_first"]


def telling_first(tests: Sequence[PlanTest], requirement: str) -> tuple[PlanTest, ...]:
    """Put the tests of the requirement first, then those of its kin, then the others.

    Among the former, one variant of each test comes before the second of any: a defect of one angle
    or one socket is found by some variant, any other by the first.
    """
    variants = _variants(tests)
    family = requirement.rpartition("-")[0]

    def rank(test: PlanTest) -> tuple[int, int, int]:
        if requirement in test.requirements:
            return 0, variants[test.index], test.index
        kin = any(each.rpartition("-")[0] == family for each in test.requirements)
        return (1 if kin else 2), 0, test.index

    return tuple(sorted(tests, key=rank))


def share_of(tests: Sequence[PlanTest], unit: int, shares: int) -> tuple[PlanTest, ...]:
    """Return the tests that healthy unit number ``unit`` meets: every ``shares``-th one.

    Any ``shares`` units of successive numbers meet the whole plan.
    """
    return tuple(test for n, test in enumerate(tests) if n % shares == unit % shares)


def _variants(tests: Iterable[PlanTest]) -> dict[int, int]:
    """Return for each test which variant of its function it is."""
    seen: dict[str, int] = {}
    numbers: dict[int, int] = {}
    for test in tests:
        numbers[test.index] = seen.get(test.function, 0)
        seen[test.function] = numbers[test.index] + 1
    return numbers
