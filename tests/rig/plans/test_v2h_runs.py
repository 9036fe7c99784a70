"""How V2H plans run on the virtual bench: records, CAN logs, and sessions that a test gives up."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

import rig.virtual.bench  # noqa: F401  # imported here once, not by every plan's run anew
from rig.chademo.check import check_log
from rig.recording import Record

ROOT = Path(__file__).parents[3]
REQUIREMENTS = (ROOT / "testplans" / "requirements.yaml").read_text()

PLAN = """
import pytest
from rig.bench.v2h.trial import PortTrial

@pytest.mark.requirement("R-V2H-08")
def test_it_stops(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised():
        with trial.session() as session:
            trial.drive(session, -10.0)
            END
        verify(trial.judged(trial.meter(session).violations()))
"""


@pytest.fixture
def plan(pytester, monkeypatch):
    """Write a plan with the project's requirements beside it; run it in this process."""
    monkeypatch.chdir(pytester.path)
    pytester.makefile(".yaml", requirements=REQUIREMENTS)

    def run(end, *options):
        pytester.makepyfile(test_plan=PLAN.replace("END", end))
        return pytester.runpytest_inprocess(
            "-p", "no:cacheprovider", "--run-dir", "record", *options
        )

    return run


def events(kind):
    with Record(Path("record")) as record:
        return [event.data for event in record.events(kind)]


def test_a_session_is_in_the_record_with_its_can_log_and_both_are_sound(plan):
    plan("session.stop()").assert_outcomes(passed=1)
    (session,) = events("v2h.session")
    log = Path("record") / session["file"]
    assert hashlib.sha256(log.read_bytes()).hexdigest() == session["sha256"]
    assert session["verdict"] == str(check_log(log).verdict)
    assert check_log(log).verdict.held
    assert [state for _, state in session["states"]][-1] == "finished"
    with np.load(Path("record") / session["samples"]) as kept:
        assert kept["amps"].min() == pytest.approx(-10.0, abs=0.1)
        assert kept["volts"].max() > 400.0  # the insulation test
        assert (np.diff(kept["t_s"]) > 0).all()


def test_the_log_and_the_dbc_beside_it_open_in_a_can_tool_as_named_signals(plan):
    can, cantools = pytest.importorskip("can"), pytest.importorskip("cantools")
    plan("session.stop()").assert_outcomes(passed=1)
    log = Path("record") / events("v2h.session")[0]["file"]
    database = cantools.database.load_file(log.with_name("chademo.dbc"), strict=True)
    told = [
        database.decode_message(each.arbitration_id, each.data)
        for each in can.BLFReader(log)
        if each.arbitration_id == 0x208
    ]
    key = next(
        name for name in told[0] if "discharge" in name.lower() and "current" in name.lower()
    )
    assert max(each[key] for each in told) == 10


def test_a_unit_that_welds_its_check_fails_in_the_verdict(plan):
    result = plan("session.stop()", "--defect", "v2h-no-weld-check")
    result.assert_outcomes(failed=1)


def test_a_test_that_fails_inside_a_session_leaves_nothing_on(plan):
    result = plan("assert not 'this test gives up'")
    result.assert_outcomes(failed=1)
    assert events("note")[-1]["text"] == "bench made safe"
    (session,) = events("v2h.session")
    assert session["states"][-1][1] == "transfer"


def test_two_runs_with_one_seed_leave_one_record(plan):
    digests = []
    for _ in range(2):
        plan("session.stop()").assert_outcomes(passed=1)
        with Record(Path("record")) as record:
            digests.append(record.digest())
        Path("record").rename(f"record-{len(digests)}")
    assert digests[0] == digests[1]


OFFBOARD = ROOT / "benches" / "virtual-offboard.yaml"


def run_box_plan(pytester, *options):
    return pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "--run-dir", pytester.path / "record", *options,
        ROOT / "testplans" / "v2h_offboard", "-k", "beyond_its_reach",
    )  # fmt: skip


def test_a_plan_for_off_board_boxes_runs_on_their_bench_only(pytester):
    run_box_plan(pytester).assert_outcomes(passed=0, deselected=14)
    result = run_box_plan(pytester, "--bench", OFFBOARD)
    result.assert_outcomes(passed=1, deselected=13)


def test_a_box_that_refuses_nobody_fails(pytester):
    result = run_box_plan(pytester, "--bench", OFFBOARD, "--defect", "box-any-target")
    result.assert_outcomes(failed=1, deselected=13)


def test_a_plan_for_controllers_is_left_out_on_a_bench_for_boxes(pytester):
    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "--collect-only", "-q", "--bench", OFFBOARD,
        ROOT / "testplans" / "v2h", ROOT / "testplans" / "v2h_offboard",
    )  # fmt: skip
    result.stdout.fnmatch_lines(["*14/*tests collected*deselected*"])
