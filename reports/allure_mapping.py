"""The one mapping from recorded events to Allure, used live and afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, ClassVar

from reports.can_session import facts_of_session, session_pieces
from reports.evidence import Evidence, verdict_pieces
from reports.identity import facts_of, suites_of
from reports.requirements import outcomes_of_all, requirement_html, requirement_title
from reports.sink import AllureSink, Status
from reports.summary import summarise
from reports.wording import UNFINISHED, number, status_and_message
from rig.recording import Record, RecordedEvent

__all__ = ["AllureMapping"]

_Handlers = dict[str, Callable[["AllureMapping", dict[str, Any]], None]]

_STEP_STATUS = {"passed": Status.PASSED, "failed": Status.FAILED, "broken": Status.BROKEN}
_VERDICT_STATUS = {"PASS": Status.PASSED, "FAIL": Status.FAILED, "INCONCLUSIVE": Status.SKIPPED}


class AllureMapping:
    """Tell a sink what every recorded event means; feed the events in their order.

    ``record`` is asked for samples and exchanges when a test ends. ``requirement_link`` is the
    address of a requirement with ``{}`` for its id.
    """

    def __init__(
        self, record: Record, sink: AllureSink, *, requirement_link: str | None = None
    ) -> None:
        self._record, self._sink, self._link = record, sink, requirement_link
        self._environment: dict[str, str] = {}
        self._requirements: dict[str, dict[str, Any]] = {}
        self._test: dict[str, Any] | None = None
        self._evidence = Evidence(0)
        self._sessions: list[dict[str, Any]] = []
        self._depth = 0
        self._t_s = 0.0
        self._seq = 0

    def __call__(self, event: RecordedEvent) -> None:
        """Map one event; kinds that a report does not show are passed over."""
        self._t_s, self._seq = event.t_s, event.seq
        run_wide = self._RUN_WIDE.get(event.kind)
        in_test = self._IN_TEST.get(event.kind)
        if run_wide is not None:
            run_wide(self, event.data)
        elif in_test is not None and self._test is not None:
            in_test(self, event.data)

    def finish(self) -> None:
        """End the report, and a test that the record knows no end of."""
        if self._test is not None:
            self._end_test({"outcome": "broken", "message": UNFINISHED})
        outcomes = outcomes_of_all(summarise(self._record.events()))
        self._sink.environment(outcomes | self._environment)
        self._sink.close()

    def _run_started(self, data: dict[str, Any]) -> None:
        self._environment |= {k: number(v) for k, v in data.items() if v is not None}

    def _instrument(self, data: dict[str, Any]) -> None:
        calibration = data.get("calibration") or {}
        state = calibration.get("state") or "none"
        words = [data.get("answer") or data.get("model") or "", f"at {data.get('address')}"]
        if calibration.get("certificate"):
            words.append(f"certificate {calibration['certificate']}, due {calibration.get('due')}")
        words.append(f"calibration: {state}")
        self._environment[f"instrument.{data['role']}"] = "; ".join(map(str, words))

    def _requirement(self, data: dict[str, Any]) -> None:
        self._requirements[data["id"]] = data

    def _run_ended(self, data: dict[str, Any]) -> None:
        self._environment["record.sha256"] = self._record.digest()

    def _start_test(self, data: dict[str, Any]) -> None:
        if self._test is not None:
            self._end_test({"outcome": "broken", "message": UNFINISHED})
        self._sink.environment(self._environment)
        self._test, self._evidence = data, Evidence(self._seq)
        self._sessions.clear()
        self._sink.start_test(facts_of(data), self._t_s)
        for name, value in self._labels(data):
            self._sink.label(name, value)
        if self._link:
            for each in data.get("requirements") or ():
                self._sink.link("requirement", self._link.replace("{}", each), each)

    def _labels(self, data: dict[str, Any]) -> list[tuple[str, str]]:
        labels = [("framework", "pytest"), *suites_of(data["test"]).items()]
        labels += [(name, data[name]) for name in ("epic", "feature", "severity") if data.get(name)]
        for each in data.get("requirements") or ():
            labels.append(("story", requirement_title(each, self._requirements)))
            labels.append(("requirement", each))
        return labels + [("tag", tag) for tag in data.get("tags") or ()]

    def _end_test(self, data: dict[str, Any]) -> None:
        started, self._test = self._test or {}, None
        while self._depth:
            self._close_step(Status.BROKEN, UNFINISHED)
        status, message = status_and_message(data["outcome"], data.get("message") or "")
        pieces = list(self._evidence.pieces(self._record, self._seq))
        for each in self._sessions:
            pieces += session_pieces(each, self._record.folder)
        for piece in pieces:
            self._sink.attach(piece.name, piece.body, piece.kind)
        words = "".join(f"<p>{escape(each)}</p>" for each in _paragraphs(started))
        asked = requirement_html(started.get("requirements") or (), self._requirements)
        summary = self._evidence.summary(asked, pieces)
        self._sink.stop_test(status, message, words + summary, self._t_s)

    def _trace(self, data: dict[str, Any]) -> None:
        self._sink.trace(data["trace"])

    def _step_started(self, data: dict[str, Any]) -> None:
        while self._depth > data["depth"]:
            self._close_step(Status.BROKEN, "")
        self._open_step(data["text"])

    def _step_ended(self, data: dict[str, Any]) -> None:
        while self._depth > data["depth"] + 1:
            self._close_step(Status.BROKEN, "")
        if self._depth:
            self._close_step(_STEP_STATUS[data["outcome"]], "")

    def _stimulus(self, data: dict[str, Any]) -> None:
        self._evidence.stimulus(data)
        applied = {k: v for k, v in data.items() if k not in ("role", "text")}
        self._moment(f"stimulus, {data.get('role')}: {data['text']}", applied)

    def _reading(self, data: dict[str, Any]) -> None:
        self._moment(f"reading, {data.get('role')}: {data['text']}", data.get("values") or {})

    def _note(self, data: dict[str, Any]) -> None:
        self._moment(data["text"])

    def _capture(self, data: dict[str, Any]) -> None:
        self._evidence.capture(data)
        channels = [f"{c['name']}, {c['n']} samples" for c in data.get("channels") or ()]
        about = {
            "trigger": data.get("trigger"),
            "channels": "; ".join(channels),
            "samples": data.get("file"),
            "sha256": data.get("sha256"),
        }
        problems = "; ".join(data.get("problems") or ())
        status = Status.SKIPPED if problems else Status.PASSED
        where = f" of socket {data['socket']}" if data["socket"] else ""
        text = f"capture, {data['scope']}: {data['id']}{where}"
        self._moment(text, about, status, problems)

    def _measurement(self, data: dict[str, Any]) -> None:
        self._evidence.measurement(data)
        name = data["quantity"].replace("_", " ")
        about = {"standard uncertainty": data.get("u"), "capture": data.get("capture")}
        problems = "; ".join(data.get("problems") or ())
        status = Status.SKIPPED if problems else Status.PASSED
        unit = "" if data.get("unit") == "1" else f" {data.get('unit')}"
        text = f"measured: {name} {number(data.get('value'))}{unit}"
        self._moment(text, about, status, problems)

    def _verdict(self, data: dict[str, Any]) -> None:
        judged = self._evidence.verdict(data)
        verdict = judged.verdict
        self._open_step(f"verdict: {verdict.sentence()}".replace("+-", "±"))
        for piece in verdict_pieces(judged, data):
            self._sink.attach(piece.name, piece.body, piece.kind)
        message = "" if verdict.outcome == "PASS" else verdict.reason
        self._close_step(_VERDICT_STATUS[verdict.outcome], message)

    def _v2h_session(self, data: dict[str, Any]) -> None:
        self._sessions.append(data)
        self._moment(f"V2H session: {data['id']}", facts_of_session(data))

    def _console(self, data: dict[str, Any]) -> None:
        self._evidence.line("console", self._t_s, data["line"])

    def _truth(self, data: dict[str, Any]) -> None:
        values = ", ".join(f"{k} {number(v)}" for k, v in data.items() if k != "text")
        self._evidence.line("truth", self._t_s, f"{data.get('text', '')}  {values}".strip())

    def _moment(
        self,
        text: str,
        about: Mapping[str, Any] | None = None,
        status: Status = Status.PASSED,
        message: str = "",
    ) -> None:
        """Write a step that takes no time."""
        self._open_step(text, about)
        self._close_step(status, message)

    def _open_step(self, text: str, about: Mapping[str, Any] | None = None) -> None:
        parameters = {k: number(v) for k, v in (about or {}).items() if v not in (None, "")}
        self._sink.start_step(text, parameters, self._t_s)
        self._depth += 1

    def _close_step(self, status: Status, message: str) -> None:
        self._depth -= 1
        self._sink.stop_step(status, message, self._t_s)

    _RUN_WIDE: ClassVar[_Handlers] = {
        "run.started": _run_started,
        "run.environment": _run_started,
        "run.ended": _run_ended,
        "instrument": _instrument,
        "requirement": _requirement,
        "test.started": _start_test,
        "test.trace": _trace,
    }
    _IN_TEST: ClassVar[_Handlers] = {
        "test.ended": _end_test,
        "step.started": _step_started,
        "step.ended": _step_ended,
        "stimulus": _stimulus,
        "reading": _reading,
        "note": _note,
        "capture": _capture,
        "measurement": _measurement,
        "verdict": _verdict,
        "v2h.session": _v2h_session,
        "console": _console,
        "truth": _truth,
    }


def _paragraphs(started: Mapping[str, Any]) -> list[str]:
    return [each.strip() for each in (started.get("description") or "").split("\n\n") if each]
