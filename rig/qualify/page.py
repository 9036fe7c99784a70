"""The matrix as one HTML page that needs nothing else."""

from __future__ import annotations

from collections import Counter
from html import escape

from rig.qualify.result import DefectResult, HealthyResult, Qualification, Standing

__all__ = ["html_page"]

_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color: #222; background: #fff; }
table { border-collapse: collapse; margin: 1em 0 2em; }
th, td { border: 1px solid #ccc; padding: 3px 7px; text-align: left; vertical-align: top; }
th { background: #f2f2f2; position: sticky; top: 0; }
td.mark { text-align: center; min-width: 1.4em; }
th.requirement { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: normal; }
.caught { background: #cdebc9; } .caught-elsewhere { background: #ffe9a8; }
.missed { background: #f6b8b3; } .broken { background: #d9c7ee; } .not-tested { background: #ddd; }
.other { background: #fff4d1; }
"""
_LEGEND = {
    Standing.CAUGHT: "a test of the right requirement failed",
    Standing.ELSEWHERE: "only tests of other requirements failed",
    Standing.MISSED: "no test failed",
    Standing.BROKEN: "the rig kept its tests from an outcome",
    Standing.NOT_TESTED: "no test of its requirement could be carried out",
}


def html_page(found: Qualification, title: str) -> str:
    """Return the page: sums, defect by requirement, and the healthy units."""
    body = [f"<h1>{escape(title)}</h1>", _sums(found), _matrix(found.defects)]
    if found.healthy:
        body.append(_healthy(found.healthy))
    return (
        f"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>{escape(title)}"
        f"</title><style>{_STYLE}</style></head>\n<body>{''.join(body)}</body></html>\n"
    )


def _sums(found: Qualification) -> str:
    counts = Counter(each.standing for each in found.defects)
    rows = "".join(
        f"<tr><td class='{_css(each)}'>{each.value}</td><td>{counts[each]}</td>"
        f"<td>{escape(meaning)}</td></tr>"
        for each, meaning in _LEGEND.items()
    )
    return f"<table><tr><th>standing</th><th>defects</th><th>meaning</th></tr>{rows}</table>"


def _matrix(defects: list[DefectResult]) -> str:
    names = {each.defect.requirement for each in defects}
    names.update(name for each in defects for name in each.caught_by)
    columns = sorted(names)
    head = "".join(f"<th class='requirement'>{escape(name)}</th>" for name in columns)
    rows = "".join(_row(each, columns) for each in defects)
    return (
        "<table><tr><th>defect</th><th>what is wrong</th><th>requirement</th><th>standing</th>"
        f"{head}</tr>\n{rows}</table>"
    )


def _row(each: DefectResult, columns: list[str]) -> str:
    cells = "".join(_cell(each, name) for name in columns)
    broken = "".join(f"<br>{escape(b.test.id)}: {escape(b.message)}" for b in each.result.broken)
    return (
        f"<tr><td>{escape(each.defect.id)}</td><td>{escape(each.defect.text)}{broken}</td>"
        f"<td>{escape(each.defect.requirement)}</td>"
        f"<td class='{_css(each.standing)}'>{each.standing.value}</td>{cells}</tr>\n"
    )


def _cell(each: DefectResult, name: str) -> str:
    own, failed = name == each.defect.requirement, name in each.caught_by
    if own:
        return f"<td class='mark {_css(each.standing)}'>{'x' if failed else '-'}</td>"
    return "<td class='mark other'>x</td>" if failed else "<td class='mark'></td>"


def _healthy(healthy: list[HealthyResult]) -> str:
    rows = "".join(
        f"<tr><td>{each.unit_seed}</td><td>{len(each.result.outcomes)}</td>"
        f"{_list(each.failed, 'missed')}{_list(each.inconclusive, 'caught-elsewhere')}"
        f"{_list([f'{b.test.id}: {b.message}' for b in each.result.broken], 'broken')}</tr>\n"
        for each in healthy
    )
    return (
        "<h2>Healthy units</h2><table><tr><th>unit seed</th><th>tests</th><th>failed</th>"
        f"<th>inconclusive</th><th>broken</th></tr>\n{rows}</table>"
    )


def _list(lines: list[str], css: str) -> str:
    text = "<br>".join(escape(line) for line in lines)
    return f"<td class='{css}'>{text}</td>" if lines else "<td></td>"


def _css(standing: Standing) -> str:
    return standing.value.replace(" ", "-")
