"""What is kept of one test until its end: captures, measurements, verdicts, lines."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from reports.listing import samples_csv, transcript
from reports.plot_facts import Judged, PlotFacts, plot_facts
from reports.sink import Kind
from reports.traces import traces_of
from reports.verdicts import verdict_of, verdict_table
from rig.recording import Record

__all__ = ["Evidence", "Piece", "verdict_pieces"]


_PLOTS_IN_SUMMARY = 3
_NO_MATPLOTLIB = (
    "No plot: matplotlib is not installed here (pip install 'outlet-rig[plots]').\n"
    "The samples are in the record; 'rig report' draws them once it is.\n"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to attach."""

    name: str
    body: bytes
    kind: Kind


@dataclass(slots=True)
class Evidence:
    """The evidence of one test, gathered event by event; drawn when the test is over.

    Drawing waits for the end of the test, so that it never delays a plan whose sockets are live.
    """

    first_event: int
    judged: list[Judged] = field(default_factory=list)
    _captures: list[tuple[dict[str, Any], float | None]] = field(default_factory=list)
    _measured: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _angle_deg: float | None = None
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def stimulus(self, data: dict[str, Any]) -> None:
        """Remember at which angle of the voltage the next capture's stimulus closes."""
        self._angle_deg = data.get("angle_deg", self._angle_deg)

    def capture(self, data: dict[str, Any]) -> None:
        """Keep a capture, with the angle its stimulus was set to."""
        self._captures.append((data, self._angle_deg))
        self._angle_deg = None

    def measurement(self, data: dict[str, Any]) -> None:
        """Keep a measurement until the verdict that is made from it."""
        self._measured[data.get("capture") or "", data["quantity"]] = data

    def verdict(self, data: dict[str, Any]) -> Judged:
        """Keep a verdict, and return it joined with its measurement."""
        verdict = verdict_of(data)
        measured = self._measured.pop((verdict.capture, verdict.quantity), {})
        self.judged.append(Judged(verdict, measured))
        return self.judged[-1]

    def line(self, kind: str, t_s: float, text: str) -> None:
        """Keep a line of the unit's console, or of what the virtual circuit knows."""
        self._lines.setdefault(kind, []).append(f"{t_s:12.6f} s  {text}")

    def summary(self, asked: str, pieces: Iterable[Piece]) -> str:
        """Return the verdicts as an HTML table, what was asked for, and the first plots."""
        table = verdict_table([each.verdict for each in self.judged])
        plots = [each.body for each in pieces if each.kind is Kind.PNG][:_PLOTS_IN_SUMMARY]
        coded = [base64.b64encode(each).decode() for each in plots]
        images = [f'<img width="100%" src="data:image/png;base64,{each}">' for each in coded]
        return "".join([table, asked, *images])

    def pieces(self, record: Record, last_event: int) -> Iterator[Piece]:
        """Yield the files of the test: plots first, then samples, lines and exchanges."""
        for capture, angle_deg in self._captures:
            yield from self._of_capture(record, capture, angle_deg)
        for kind, name in (("console", "console of the unit"), ("truth", "virtual bench: truth")):
            if kind in self._lines:
                yield _text(name, "\n".join([*self._lines[kind], ""]))
        text = transcript(record.exchanges(self.first_event, last_event))
        if text:
            yield _text("transcript of all exchanges", text)

    def _of_capture(
        self, record: Record, capture: dict[str, Any], angle_deg: float | None
    ) -> Iterator[Piece]:
        traces = traces_of(record, capture)
        if not traces:
            return
        judged = [each for each in self.judged if each.verdict.capture == capture["id"]]
        facts = plot_facts(capture, traces, judged, angle_deg=angle_deg)
        yield _plot(f"plot of {capture['id']}", facts)
        body = samples_csv(traces).encode()
        yield Piece(f"samples of {capture['id']}", body, Kind.CSV)


def verdict_pieces(judged: Judged, data: dict[str, Any]) -> Iterator[Piece]:
    """Yield the files of one verdict: itself as data, and the uncertainty budget as a table."""
    body = json.dumps(data, indent=2, sort_keys=True)
    yield Piece("verdict", body.encode(), Kind.JSON)
    budget = judged.measurement.get("budget") or []
    notes = judged.measurement.get("notes") or []
    if budget:
        yield _text("uncertainty budget", "\n".join([*budget, "", *notes, ""]))


def _plot(name: str, facts: PlotFacts) -> Piece:
    try:
        from reports.plots import draw_capture  # matplotlib: optional and heavy
    except ImportError:
        return _text(name, _NO_MATPLOTLIB)
    return Piece(name, draw_capture(facts), Kind.PNG)


def _text(name: str, text: str) -> Piece:
    return Piece(name, text.encode(), Kind.TEXT)
