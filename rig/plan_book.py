"""The table of the plan's book (docs/plans.md): each requirement, its limits, tests and duration.

python -m rig.plan_book            # write the table anew
python -m rig.plan_book --check    # exit 1 when the book does not tell of the plan as it is
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from instruments.errors import UsageError
from rig.measure import Limit, Requirement, Requirements, load_requirements
from rig.qualify.job import PlanTest
from rig.qualify.session import with_plan
from rig.run import required
from rig.sentences import sentence_of

__all__ = ["BookTest", "book_tests", "main", "table", "troubles", "with_table"]

BOOK = Path("docs/plans.md")
PLAN = Path("testplans")
_BEGIN, _END = "<!-- table of the plan: begin -->", "<!-- table of the plan: end -->"
_ID = re.compile(r"R-[A-Z0-9]+-[0-9]{2}")
_NOT_COVERED = "## Not covered"


@dataclass(frozen=True, slots=True)
class BookTest:
    """One test of the plan with all its cases."""

    file: str
    name: str
    """The sentence that its function's name is."""
    requirements: tuple[str, ...]
    duration_s: float
    """On hardware, one case."""
    long: bool
    cases: int
    earthing: str = ""
    """The only one that it is for."""


def book_tests(items: Sequence[pytest.Item]) -> list[BookTest]:
    """Return the tests of a collection, cases of one function taken together."""
    by_function: dict[str, list[pytest.Item]] = {}
    for item in items:
        by_function.setdefault(_function(item), []).append(item)
    return [_test(cases) for cases in by_function.values()]


def table(tests: Sequence[BookTest], requirements: Requirements) -> str:
    """Return the table as Markdown, one requirement of the file a row."""
    head = "| Requirement | Limits | Tests (cases) | On hardware |\n|---|---|---|---|"
    rows = [
        _row(each, [test for test in tests if each.id in test.requirements])
        for each in requirements.by_id.values()
    ]
    return "\n".join([head, *rows])


def with_table(book: str, text: str) -> str:
    """Return the book with its table replaced; ``UsageError`` when it has no place for one."""
    before, begin, rest = book.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise UsageError(f"{BOOK}: expected the table between {_BEGIN} and {_END}")
    return f"{before}{_BEGIN}\n{text}\n{_END}{after}"


def troubles(book: str, tests: Sequence[BookTest], requirements: Requirements) -> list[str]:
    """Return what the book gets wrong: its table, what it leaves out, what it claims."""
    found = []
    if with_table(book, table(tests, requirements)) != book:
        found.append(f"{BOOK}: the table is not that of the plan; make plan-book writes it anew")
    written, missing = _by_hand(book)
    covered = {each for test in tests for each in test.requirements}
    found += [f"{BOOK}: says nothing of {each}" for each in sorted(covered - written)]
    found += [
        f"{each}: in the file, but no test" for each in requirements.by_id if each not in covered
    ]
    found += [f"{BOOK}: {each} is covered by now" for each in sorted(missing & covered)]
    neither = sorted(written - covered - missing)
    return [*found, *(f"{BOOK}: {each} is not covered, and not said to be" for each in neither)]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the table, or check the book; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m rig.plan_book", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when wrong")
    check = parser.parse_args(argv).check
    tests, requirements = _collected(), load_requirements(PLAN / "requirements.yaml")
    if not check:
        book = BOOK.read_text(encoding="utf-8")
        BOOK.write_text(with_table(book, table(tests, requirements)), encoding="utf-8")
    found = troubles(BOOK.read_text(encoding="utf-8"), tests, requirements)
    for each in found:
        sys.stdout.write(f"{each}\n")
    return 1 if found else 0


def _collected() -> list[BookTest]:
    tests: list[BookTest] = []

    def collect(session: pytest.Session, plan: tuple[PlanTest, ...]) -> None:
        tests.extend(book_tests(session.items))

    with_plan([str(PLAN)], [], collect)
    return tests


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _test(cases: Sequence[pytest.Item]) -> BookTest:
    item = cases[0]
    file, _, name = _function(item).rpartition("::")
    duration = item.get_closest_marker("duration")
    return BookTest(
        file=Path(file).name,
        name=sentence_of(name),
        requirements=tuple(dict.fromkeys(required(item))),
        duration_s=float(duration.args[0]) if duration else 0.0,
        long=item.get_closest_marker("long") is not None,
        cases=len(cases),
        earthing=_earthing(cases),
    )


def _earthing(cases: Sequence[pytest.Item]) -> str:
    """Return the one earthing that every case is for, if it is one."""
    markers = [item.get_closest_marker("earthing") for item in cases]
    found = {str(marker.args[0]) if marker else "" for marker in markers}
    return found.pop() if len(found) == 1 else ""


def _row(requirement: Requirement, tests: Sequence[BookTest]) -> str:
    limits = "<br>".join(_limit(each) for each in requirement.limits.values())
    listed = "<br>".join(_listed(test) for test in tests) or "**none**"
    seconds = sum(test.duration_s * test.cases for test in tests)
    long = ", long" if any(test.long for test in tests) else ""
    return (
        f"| {requirement.id} {requirement.title} | {limits} | {listed} | {_takes(seconds)}{long} |"
    )


def _listed(test: BookTest) -> str:
    only = f", earthing `{test.earthing}` only" if test.earthing else ""
    return f"`{test.file}` {test.name} ({test.cases}{only})"


def _limit(limit: Limit) -> str:
    rule = "" if limit.rule == "guard_band" else f" ({limit.rule.replace('_', ' ')})"
    return f"{limit.quantity.replace('_', ' ')}: {limit.text}{rule}"


def _takes(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"


def _by_hand(book: str) -> tuple[set[str], set[str]]:
    """Return the requirements that the book tells of outside its table, and those not covered."""
    before, _, rest = book.partition(_BEGIN)
    text = before + rest.partition(_END)[2]
    _, _, after = text.partition(_NOT_COVERED)
    not_covered = after.partition("\n## ")[0]
    return set(_ID.findall(text)), set(_ID.findall(not_covered))


if __name__ == "__main__":
    sys.exit(main())
