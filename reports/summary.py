"""The table at the end of a run: what became of every requirement, in 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field

from reports.verdicts import Margin, margin_of, verdict_of
from rig.recording import Record, RecordedEvent

__all__ = ["RequirementLine", "summarise", "summary_table"]

_OUTCOMES = ("passed", "failed", "inconclusive", "broken", "skipped")
_ABOVE = ("", "", "", "", "INCON-", "", "NOT")
_HEAD = ("requirement", "tests", "PASS", "FAIL", "CLUSIVE", "BROKEN", "TESTED")
_WIDTH = 100
_WORST_FIRST = {
    "failed": "FAIL",
    "broken": "BROKEN",
    "inconclusive": "INCONCLUSIVE",
    "skipped": "NOT TESTED",
    "passed": "PASS",
}


@dataclass(slots=True)
class RequirementLine:
    """What became of one requirement; ``counts`` by outcome of its tests."""

    requirement: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_OUTCOMES, 0))
    worst: Margin | None = None

    @property
    def tests(self) -> int:
        """The number of its tests."""
        return sum(self.counts.values())

    @property
    def outcome(self) -> str:
        """What became of the requirement: the worst of its tests, PASS where all of them passed."""
        worst = next((name for name in _WORST_FIRST if self.counts[name]), "skipped")
        return _WORST_FIRST[worst]

    def note(self, margin: Margin) -> None:
        """Keep the worse margin."""
        if self.worst is None or margin < self.worst:
            self.worst = margin

    def sentence(self) -> str:
        """Return the worst margin in words, or that there is none."""
        return self.worst.text if self.worst is not None else "no verdict"


def summarise(events: Iterable[RecordedEvent]) -> list[RequirementLine]:
    """Return one line per requirement, in order of id; tests without one count as ``-``."""
    lines: dict[str, RequirementLine] = {}
    running: dict[str, list[str]] = {}

    def line(requirement: str) -> RequirementLine:
        return lines.setdefault(requirement, RequirementLine(requirement))

    for event in events:
        data = event.data
        if event.kind == "requirement":
            line(data["id"])
        elif event.kind == "test.started":
            running[data["test"]] = data.get("requirements") or ["-"]
        elif event.kind == "test.ended":
            for each in running.pop(data["test"], ["-"]):
                line(each).counts[data["outcome"]] += 1
        elif event.kind == "verdict":
            verdict = verdict_of(data)
            line(verdict.requirement).note(margin_of(verdict))
    for requirements in running.values():
        for each in requirements:
            line(each).counts["broken"] += 1
    return [lines[each] for each in sorted(lines)]


def summary_table(record: Record) -> str:
    """Lay the requirements of a run out as text, no wider than 100 columns.

    Those that no test reached are but named below the table.
    """
    every = summarise(record.events())
    lines = [each for each in every if each.tests or each.worst]
    missed = [each.requirement for each in every if each not in lines]
    rows = [(each.requirement, *_counted(each)) for each in lines]
    widths = [max(len(row[n]) for row in [_HEAD, *rows]) for n in range(len(_HEAD))]
    left = _WIDTH - sum(widths) - 2 * len(widths)
    indent = " " * (_WIDTH - left)
    head = f"{_row(_HEAD, widths)}  worst margin"
    out = [_row(_ABOVE, widths), head, "-" * _WIDTH]
    for row, each in zip(rows, lines, strict=True):
        first, *more = textwrap.wrap(each.sentence(), left) or [""]
        out.append(f"{_row(row, widths)}  {first}".rstrip())
        out += [indent + text for text in more]
    out += ["-" * _WIDTH, _row(("all", *_totals(lines)), widths)]
    if missed:
        text = f"no test reached {len(missed)} requirements: {', '.join(missed)}"
        out += textwrap.wrap(text, _WIDTH, break_on_hyphens=False, subsequent_indent="  ")
    if any(event.data.get("engineering") for event in record.events("run.started")):
        out.append("engineering run: overdue calibrations were passed over, not for sign-off")
    return "\n".join(out)


def _counted(line: RequirementLine) -> tuple[str, ...]:
    counts = [line.tests, *(line.counts[name] for name in _OUTCOMES)]
    return tuple(str(each) if each else "." for each in counts)


def _totals(lines: list[RequirementLine]) -> tuple[str, ...]:
    sums = [sum(line.counts[name] for line in lines) for name in _OUTCOMES]
    return tuple(str(each) for each in [sum(sums), *sums])


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    first, *numbers = cells
    aligned = [cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True)]
    return "  ".join([first.ljust(widths[0]), *aligned])
