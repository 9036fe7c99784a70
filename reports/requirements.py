"""What a report says of requirements: what each asks for, and what became of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from reports.summary import RequirementLine

__all__ = ["outcomes_of_all", "requirement_html", "requirement_title"]

_FIRST = ("FAIL", "BROKEN", "INCONCLUSIVE", "NOT TESTED", "PASS")
_NAMED = 12
"""Of more, the rest is only counted."""


def requirement_title(requirement: str, known: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a requirement's id, with its title where the record knows it."""
    return f"{requirement} {known.get(requirement, {}).get('title', '')}".strip()


def requirement_html(requirements: Iterable[str], known: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what requirements ask for and where that comes from, as HTML paragraphs."""
    facts = (known.get(each, {}) for each in requirements)
    return "".join(_paragraph(each) for each in facts if each.get("text"))


def _paragraph(facts: Mapping[str, Any]) -> str:
    head = f"{facts['id']} version {facts['version']}:"
    text, source = (escape(str(facts[key]).strip()) for key in ("text", "source"))
    return f"<p><b>{escape(head)}</b> {text} <i>Source: {source}.</i></p>"


def outcomes_of_all(lines: Sequence[RequirementLine]) -> dict[str, str]:
    """Return the requirements by what became of them, the worst first, as short lines.

    A requirement passes when every test of it passed; else the worst of them counts.
    """
    by_outcome: dict[str, list[str]] = {}
    for line in lines:
        if line.requirement != "-":
            by_outcome.setdefault(line.outcome, []).append(line.requirement)
    return {each: _listed(by_outcome[each]) for each in _FIRST if each in by_outcome}


def _listed(ids: Sequence[str]) -> str:
    shown, more = ids[:_NAMED], len(ids) - _NAMED
    end = f" and {more} more" if more > 0 else ""
    return f"{len(ids)}: {', '.join(shown)}{end}"
