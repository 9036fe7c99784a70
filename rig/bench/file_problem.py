"""What a check of a bench file finds: where it stands, and what was expected there."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

__all__ = ["Problem", "Use", "used_twice"]

Where = tuple[str | int, ...]


class Problem(NamedTuple):
    """A key of the file whose value cannot be meant so."""

    where: Where
    expected: str


class Use(NamedTuple):
    """A key of the file that takes something for itself."""

    where: Where
    what: str
    taken: Hashable


def used_twice(uses: Iterable[Use]) -> Iterator[Problem]:
    """Yield each use of what an earlier one has taken already."""
    by: dict[Hashable, Use] = {}
    for use in uses:
        first = by.setdefault(use.taken, use)
        if first is not use:
            key = ".".join(map(str, first.where))
            yield Problem(use.where, f"{use.what} that nothing else uses; {key} has this one")
