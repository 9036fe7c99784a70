"""The table at the end of a run."""

import pytest

from reports.summary import summarise, summary_table
from reports.verdicts import margin_of
from rig.clock import VirtualClock
from rig.measure import Budget, Component, Limit, Measurement, judge
from rig.recording import Record, Recorder


def verdict(value, *, low=None, high=None, rule="guard_band", u=0.1, problems=()):
    budget = Budget("V", (Component("all", "B", "normal", u),))
    limit = Limit("R-OUT-01", "1.0", "output_voltage", "V", low, high, rule=rule)
    found = Measurement("output_voltage", value, "V", budget, problems=problems)
    return judge(found, limit)


def test_the_margin_is_the_distance_to_the_nearer_bound_of_the_limit_itself():
    inside = margin_of(verdict(236.0, low=223.1, high=236.9))
    assert inside.text == "output voltage 236 V, 0.9 V inside 223.1 to 236.9 V"
    assert inside.share > 0.0
    for rule in ("guard_band", "simple_acceptance", "ilac_g8"):
        outside = margin_of(verdict(222.1, low=223.1, high=236.9, rule=rule))
        assert outside.text == "output voltage 222.1 V, 1 V outside 223.1 to 236.9 V"
        assert outside.share < 0.0


def test_every_requirement_has_its_counts_and_its_worst_margin(sample_run):
    with Record(sample_run) as record:
        lines = {each.requirement: each for each in summarise(record.events())}
    assert {name: next(k for k, n in line.counts.items() if n) for name, line in lines.items()} == {
        "R-OVL-03": "passed",
        "R-OVL-06": "broken",
        "R-OVL-07": "skipped",
        "R-RCD-04": "inconclusive",
        "R-SC-01": "failed",
    }
    assert lines["R-SC-01"].sentence() == "trip time 0.0236 s, 0.0036 s outside at most 0.02 s"
    assert lines["R-OVL-06"].sentence() == "no verdict"


def test_the_worst_of_several_margins_is_kept(tmp_path):
    recorder = Recorder(tmp_path / "run", VirtualClock())
    for value in (230.0, 236.5, 225.0):
        recorder.event("verdict", {"test": "t", **verdict(value, high=236.9).to_json()})
    recorder.close()
    with Record(tmp_path / "run") as record:
        (line,) = summarise(record.events())
    assert line.sentence() == "output voltage 236.5 V, 0.4 V inside at most 236.9 V"


def test_a_count_that_is_as_wanted_hides_no_smaller_margin(tmp_path):
    recorder = Recorder(tmp_path / "run", VirtualClock())
    for each in (verdict(0.0, high=0.0, u=0.0), verdict(230.0, high=236.9)):
        recorder.event("verdict", {"test": "t", **each.to_json()})
    recorder.close()
    with Record(tmp_path / "run") as record:
        (line,) = summarise(record.events())
    assert line.sentence() == "output voltage 230 V, 6.9 V inside at most 236.9 V"
    assert margin_of(verdict(0.0, high=0.0, u=0.0)).text == "output voltage 0 V, as wanted"
    assert margin_of(verdict(1.0, high=0.0, u=0.0)).share < 0.0


def test_a_failure_outdoes_a_verdict_that_could_not_be_made():
    failed, undecided = verdict(237.5, high=236.9), verdict(float("nan"), high=236.9)
    assert (failed.outcome, undecided.outcome) == ("FAIL", "INCONCLUSIVE")
    assert margin_of(failed) < margin_of(undecided) < margin_of(verdict(236.5, high=236.9))


def test_requirements_that_no_test_reached_stand_together_below_the_table(tmp_path):
    recorder = Recorder(tmp_path / "run", VirtualClock())
    for number in range(30):
        recorder.event("requirement", {"id": f"R-OUT-{number:02}", "title": "Output"})
    recorder.event("verdict", {"test": "t", **verdict(230.0, high=236.9).to_json()})
    recorder.event("test.started", {"test": "t", "requirements": ["R-OUT-01"]})
    recorder.event("test.ended", {"test": "t", "outcome": "passed", "message": ""})
    recorder.close()
    with Record(tmp_path / "run") as record:
        above, totals, below = summary_table(record).partition("\nall ")
    named = [row.split()[0] for row in above.splitlines() if row.startswith("R-")]
    assert named == ["R-OUT-01"]
    told = " ".join((totals + below).split())
    assert "no test reached 29 requirements: R-OUT-00, R-OUT-02, " in told
    assert told.endswith("R-OUT-29")
    assert max(map(len, below.splitlines())) <= 100


def test_a_test_without_an_end_counts_as_broken(tmp_path, builder):
    run = builder.write_sample(tmp_path / "run", tests=(), crash=True)
    with Record(run) as record:
        line = summarise(record.events())[0]
    assert (line.requirement, line.counts["broken"], line.tests) == ("R-OVL-02", 1, 1)


def test_the_table_is_aligned_and_fits_100_columns(sample_run):
    with Record(sample_run) as record:
        lines = summary_table(record).splitlines()
    assert max(map(len, lines)) <= 100
    column = lines[1].index("worst margin")
    rows = [line for line in lines[3:-2] if line.strip()]
    assert all(line[column - 2 : column] == "  " and line[column] != " " for line in rows)
    assert lines[-1].split() == ["all", "5", "1", "1", "1", "1", "1"]


@pytest.mark.parametrize("engineering", [True, False])
def test_an_engineering_run_says_that_nobody_may_sign_it(tmp_path, engineering):
    recorder = Recorder(tmp_path / "run", VirtualClock())
    recorder.event("run.started", {"engineering": engineering})
    recorder.close()
    with Record(tmp_path / "run") as record:
        assert ("not for sign-off" in summary_table(record)) is engineering


def test_a_verdict_that_could_not_be_made_is_listed_with_its_reason():
    margin = margin_of(verdict(237.5, high=236.9, problems=("scope_ac: not triggered",)))
    assert margin.text == "output voltage not judged: scope_ac: not triggered"
