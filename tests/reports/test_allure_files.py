"""Allure results made from a record."""

import csv
import io
import json
import sys

import pytest

from reports.allure_files import write_results
from reports.identity import facts_of
from rig.recording import Record


def names(item):
    return [each["name"] for each in item.get("attachments", [])]


def labels(result, name):
    return [each["value"] for each in result["labels"] if each["name"] == name]


@pytest.mark.parametrize(
    ("test", "status", "message"),
    [
        ("125 percent", "passed", None),
        ("a short circuit", "failed", "R-SC-01 trip time 0.023600 s"),
        ("150 mA", "skipped", "INCONCLUSIVE: R-RCD-04 trip time not seen"),
        ("dips", "broken", "RIG FAULT: reading the current on load_a"),
        ("110 percent", "skipped", "NOT TESTED: the bench is broken"),
    ],
)
def test_every_outcome_has_its_status_and_begins_with_its_word(
    sample_results, test, status, message
):
    result = sample_results[test]
    assert result["status"] == status
    if message is None:
        assert "statusDetails" not in result
    else:
        assert result["statusDetails"]["message"].startswith(message)


def test_the_trace_that_follows_the_end_of_a_test_belongs_to_that_test(sample_results):
    details = sample_results["a short circuit"]["statusDetails"]
    assert details["trace"] == "test_short.py:12: VerdictFailed"
    assert sample_results["dips"]["statusDetails"]["trace"] == "LinkTimeout"


def test_steps_nest_as_the_plan_nested_them(sample_results):
    first, *others = sample_results["125 percent"]["steps"]
    assert first["name"] == "energise sockets A"
    assert [each["name"] for each in first["steps"]] == [
        "stimulus, pack: 350 V, at most 20 A",
        "start the unit",
    ]
    assert [each["name"] for each in first["steps"][1]["steps"]] == ["heartbeat"]
    assert [each["name"].split(":")[0] for each in others] == [
        "stimulus, load_a",
        "capture, scope_ac",
        "reading, controller",
        "measured",
        "verdict",
    ]


def test_a_step_carries_what_was_applied_with_its_unit(sample_results):
    step = sample_results["125 percent"]["steps"][1]
    assert {each["name"]: each["value"] for each in step["parameters"]} == {
        "power_w": "7500",
        "crest_factor": "1.414",
    }


def test_a_broken_step_is_broken_and_the_verdicts_bear_their_status(sample_results):
    assert sample_results["dips"]["steps"][0]["status"] == "broken"
    verdicts = [s for s in sample_results["a short circuit"]["steps"] if "verdict" in s["name"]]
    assert [each["status"] for each in verdicts] == ["failed", "passed"]
    capture = sample_results["150 mA"]["steps"][0]
    assert (capture["status"], capture["statusDetails"]["message"]) == (
        "skipped",
        "scope_ac: not triggered",
    )


def test_labels_lead_from_the_test_to_its_requirement(sample_results):
    result = sample_results["125 percent"]
    for name in ("requirement", "story"):
        assert labels(result, name) == ["R-OVL-03"]
    assert labels(result, "epic") == ["Outlet controller"]
    assert labels(result, "feature") == ["Overload"]
    assert labels(result, "severity") == ["critical"]
    assert labels(result, "tag") == ["long"]
    assert labels(result, "parentSuite") == ["testplans.protection"]
    assert result["links"] == [
        {
            "type": "requirement",
            "url": "https://requirements.example/R-OVL-03",
            "name": "R-OVL-03",
        }
    ]


def test_a_test_shows_what_its_requirement_asks_for_and_where_that_comes_from(sample_results):
    page = sample_results["a short circuit"]["descriptionHtml"]
    assert "A short circuit is off &lt;= 20 ms." in page
    assert "Source: specification, section 3." in page


def test_the_environment_begins_with_what_became_of_the_requirements(sample_results):
    lines = (sample_results.folder / "environment.properties").read_text("utf-8").splitlines()
    assert [line.partition(" = ") for line in lines[:5]] == [
        ("FAIL", " = ", "1: R-SC-01"),
        ("BROKEN", " = ", "1: R-OVL-06"),
        ("INCONCLUSIVE", " = ", "1: R-RCD-04"),
        ("NOT.TESTED", " = ", "1: R-OVL-07"),
        ("PASS", " = ", "1: R-OVL-03"),
    ]


def test_bounds_that_nothing_was_compared_with_are_not_shown(sample_results):
    page = sample_results["150 mA"]["descriptionHtml"]
    assert "<td>INCONCLUSIVE</td>" in page
    assert page.count("<td>-</td></tr>") == page.count("<td>INCONCLUSIVE</td>")


def test_times_are_those_of_the_bench(sample_results):
    result = sample_results["125 percent"]
    assert result["stop"] - result["start"] == 23_000


def test_the_plot_is_attached_and_shown(sample_results):
    result = sample_results["a short circuit"]
    png = sample_results.attachment(result, "plot of capture-002-B")
    assert png.startswith(b"\x89PNG")
    assert "data:image/png;base64," in result["descriptionHtml"]
    assert "<td>FAIL</td><td>R-SC-01 v1.0</td>" in result["descriptionHtml"]


def test_a_long_capture_is_attached_as_an_envelope_that_loses_no_peak(sample_results, builder):
    result = sample_results["125 percent"]
    rows = list(
        csv.reader(
            io.StringIO(sample_results.attachment(result, "samples of capture-001-A").decode())
        )
    )
    assert rows[0][1:3] == ["socket_voltage min/V", "socket_voltage max/V"]
    waves, _ = builder.overload_waves()
    highest = max(float(row[4]) for row in rows[1:])
    assert highest == pytest.approx(waves["socket_current"][1].max(), rel=1e-4)


def test_the_transcript_is_that_of_the_test_alone(sample_results):
    text = sample_results.attachment(sample_results["125 percent"], "transcript of all exchanges")
    first, second = text.decode().splitlines()
    assert "pack" in first
    assert "> 01 05 01 95 ff 00  < 01 05" in first
    assert "load_a       > CURR 32.6  <" in second
    broken = sample_results.attachment(sample_results["dips"], "transcript of all exchanges")
    assert b"ERROR: no answer in 2 s" in broken


def test_console_and_truth_are_attached_with_their_times(sample_results):
    result = sample_results["125 percent"]
    assert b"23.000000 s  TRIP stage 117 %" in sample_results.attachment(
        result, "console of the unit"
    )
    assert b"contact of socket A open" in sample_results.attachment(result, "virtual bench: truth")


def test_the_verdict_is_attached_as_data_with_its_budget(sample_results):
    step = sample_results["125 percent"]["steps"][-1]
    verdict = json.loads(sample_results.attachment(step, "verdict"))
    assert (verdict["outcome"], verdict["limit_version"]) == ("PASS", "1.0")
    assert b"trigger jitter" in sample_results.attachment(step, "uncertainty budget")


def test_the_history_id_tells_parameters_apart_and_nothing_else():
    first, again, other = (
        facts_of({"test": f"t/test_x.py::test_y[{socket}]", "parameters": {"socket": socket}})
        for socket in ("A", "A", "B")
    )
    assert first.history_id == again.history_id != other.history_id
    assert first.test_case_id == other.test_case_id


def test_the_environment_names_bench_seed_and_instruments_with_calibration(sample_results):
    text = (sample_results.folder / "environment.properties").read_text("utf-8")
    lines = dict(line.split(" = ", 1) for line in text.splitlines())
    assert (lines["bench"], lines["seed"]) == ("virtual", "7")
    assert "certificate C-12, due 2026-06-01; calibration: valid" in lines["instrument.scope_ac"]
    assert len(lines["record.sha256"]) == 64
    assert "defect" not in lines


def test_categories_tell_the_four_ways_not_to_pass_apart(sample_results):
    rules = json.loads((sample_results.folder / "categories.json").read_text("utf-8"))
    assert [rule["name"] for rule in rules] == [
        "Limit violated",
        "Rig fault",
        "Inconclusive",
        "Not tested",
    ]


def test_results_made_again_replace_the_old_ones_and_leave_other_files(sample_run, tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "mine.txt").write_text("kept")
    for _ in range(2):
        with Record(sample_run) as record:
            write_results(record, folder)
    assert len(list(folder.glob("*-result.json"))) == 5
    assert (folder / "mine.txt").read_text() == "kept"


def test_a_test_that_the_run_did_not_survive_is_broken_and_so_is_its_open_step(
    tmp_path, builder, read_results
):
    run = builder.write_sample(tmp_path / "run", tests=(), crash=True)
    with Record(run) as record:
        write_results(record, tmp_path / "results")
    result = read_results(tmp_path / "results")["cut short"]
    assert result["status"] == "broken"
    assert result["statusDetails"]["message"] == "RIG FAULT: the run ended before this test did"
    assert [step["status"] for step in result["steps"]] == ["broken"]


def test_without_matplotlib_a_note_stands_in_for_the_plot(
    sample_run, tmp_path, read_results, monkeypatch
):
    monkeypatch.setitem(sys.modules, "reports.plots", None)
    with Record(sample_run) as record:
        write_results(record, tmp_path)
    results = read_results(tmp_path)
    result = results["a short circuit"]
    assert b"matplotlib is not installed" in results.attachment(result, "plot of capture-002-B")
    assert "samples of capture-002-B" in names(result)


def test_a_v2h_session_is_told_with_its_findings_and_its_can_log(tmp_path, builder, read_results):
    def session(recorder, _clock):
        test = builder.start_test(recorder, "frames", "R-V2H-01", {}, "Frames")
        folder = recorder.folder / "can" / "session-001"
        folder.mkdir(parents=True)
        (folder / "session.blf").write_bytes(b"LOGG...")
        finding = ["error", "vehicle", "request ramp", 12.5, "the request rises to 5 A"]
        recorder.event(
            "v2h.session",
            {"id": "session-001", "direction": "both", "limit_a": 15, "began_s": 10.0,
             "ending": "stopped", "verdict": "fell short", "outcome": "energy was transferred",
             "findings": [finding], "file": "can/session-001/session.blf", "sha256": "ab"},
        )  # fmt: skip
        builder.end_test(recorder, test, "failed", "R-V2H-01 violations 1")

    run = builder.write_sample(tmp_path / "run", tests=(session,))
    with Record(run) as record:
        write_results(record, tmp_path / "results")
    results = read_results(tmp_path / "results")
    result = results["Frames"]
    (step,) = result["steps"]
    assert step["name"] == "V2H session: session-001"
    told = {each["name"]: each["value"] for each in step["parameters"]}
    assert (told["conformance"], told["CAN log"]) == ("fell short", "can/session-001/session.blf")
    assert results.attachment(result, "CAN log of session-001") == b"LOGG..."
    assert results.attachment(result, "conformance of session-001").decode() == (
        "ERROR 2.500 s vehicle, request ramp: the request rises to 5 A\n"
    )
