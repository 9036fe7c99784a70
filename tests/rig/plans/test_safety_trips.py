"""Trips in plans: how they reach a test, what becomes of it and of the tests after it."""

from pathlib import Path

import pytest

import rig.virtual.bench  # noqa: F401  # imported here once, not by every plan's run anew
from rig.recording import Record

ROOT = Path(__file__).parents[3]
REQUIREMENTS = (ROOT / "testplans" / "requirements.yaml").read_text()

AFTERWARDS = """
def test_afterwards(bench):
    raise AssertionError("must not run")

def test_outputs(rig_run):
    virtual = rig_run.opened.virtual
    virtual.network.advance()
    steady = virtual.network.sensors.steady()
    assert max(steady.socket_voltage_v) < 1.0
    assert steady.dc_voltage_v < 60.0
"""


@pytest.fixture
def plan(pytester, monkeypatch):
    """Write a plan with the project's requirements beside it; run it in this process."""
    monkeypatch.chdir(pytester.path)
    pytester.makefile(".yaml", requirements=REQUIREMENTS)

    def run(source, *options):
        pytester.makepyfile(test_plan=source)
        return pytester.runpytest_inprocess(
            "-p", "no:cacheprovider", "--run-dir", "record", *options
        )

    return run


def events(kind):
    with Record(Path("record")) as record:
        return [event.data for event in record.events(kind)]


def outcomes():
    return {e["test"].partition("::")[2]: e for e in events("test.ended")}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("emergency_stop", "emergency stop pressed"),
        ("door", "door open"),
        ("temperature", "thermal switch open"),
    ],
)
def test_an_opened_interlock_ends_a_sleep_within_100_ms_and_latches(plan, name, words):
    source = f"""
def test_trips(bench, rig_run):
    with bench.energised():
        bench.loads["A"].draw_power(500)
        virtual = rig_run.opened.virtual
        bench.clock.call_at(bench.clock.now() + 5.0, lambda: opens(virtual))
        bench.sleep(3600.0)

def opens(virtual):
    virtual.opened_s = virtual.clock.now()
    virtual.inputs[{name!r}] = False

def test_it_was_quick(rig_run):
    virtual = rig_run.opened.virtual
    (tripped,) = [e.t_s for e in seen if e.kind == "safety.trip"]
    assert virtual.opened_s < tripped < virtual.opened_s + 0.1
    opened = virtual.truth.times("bench_contact_opened", "board 1 relay 0")
    assert virtual.opened_s < opened[-1] < virtual.opened_s + 0.15

seen = []

import pytest
@pytest.fixture(autouse=True)
def listens(rig_run):
    if not seen:
        rig_run.recorder.subscribe(seen.append)
"""
    result = plan(source + AFTERWARDS)
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"*test_trips: safety trip at *: {words}*"])
    ended = outcomes()
    assert ended["test_trips"]["outcome"] == "broken"
    assert ended["test_afterwards"]["outcome"] == "skipped"
    assert "NOT TESTED: safety trip at 2026" in ended["test_afterwards"]["message"]
    assert "rig bench reset" in ended["test_afterwards"]["message"]
    assert [e["cause"] for e in events("safety.trip")] == [words]
    result.assert_outcomes(passed=2, skipped=1)


def test_a_trip_that_the_test_swallows_is_raised_again_and_ends_it_broken(plan):
    source = """
def test_trips(bench, rig_run):
    with bench.energised():
        rig_run.opened.virtual.inputs["door"] = False
        for doing in (lambda: bench.sleep(1.0), lambda: bench.loads["A"].draw_power(500)):
            try:
                doing()
            except BaseException as error:
                caught.append(str(error))

caught = []

def test_both_were_refused():
    assert len(caught) == 2
    assert all("door open" in each for each in caught)
"""
    plan(source + AFTERWARDS).assert_outcomes(passed=2, skipped=1)
    assert outcomes()["test_trips"]["outcome"] == "broken"


@pytest.mark.parametrize("ending", ["pass", "raise AssertionError('of the unit')"])
def test_a_trip_swallowed_whole_breaks_the_test_whatever_it_ends_with(plan, ending):
    source = f"""
def test_trips(bench, rig_run):
    try:
        with bench.energised():
            rig_run.opened.virtual.inputs["door"] = False
            bench.sleep(1.0)
    except BaseException:
        {ending}
"""
    plan(source + AFTERWARDS)
    assert outcomes()["test_trips"]["outcome"] == "broken"
    assert "door open" in outcomes()["test_trips"]["message"]


def test_an_interlock_that_is_open_already_lets_nothing_be_energised(plan):
    source = """
def test_trips(bench, rig_run):
    rig_run.opened.virtual.inputs["emergency_stop"] = False
    with bench.energised():
        raise AssertionError("must not run")

def test_no_power_was_there(rig_run):
    assert rig_run.opened.virtual.truth.events == []
"""
    plan(source + AFTERWARDS).assert_outcomes(passed=2, skipped=1)
    assert "emergency stop pressed" in outcomes()["test_trips"]["message"]


def test_an_input_that_closed_again_leaves_the_trip_latched(plan):
    source = """
def test_trips(bench, rig_run):
    with bench.energised():
        rig_run.opened.virtual.inputs["door"] = False
        bench.sleep(1.0)

def test_closed_again(rig_run):
    rig_run.opened.virtual.inputs["door"] = True
"""
    plan(source + AFTERWARDS).assert_outcomes(passed=2, skipped=1)


def test_a_trip_in_the_simulation_does_not_outlive_its_run(plan):
    source = """
def test_trips(bench, rig_run):
    rig_run.opened.virtual.inputs["door"] = False
    with bench.energised():
        pass
"""
    assert plan(source).ret == 1
    assert plan("def test_x(bench):\n    pass\n", "--run-dir", "second").ret == 0


def test_a_silent_input_board_trips_but_one_lost_answer_does_not(plan):
    source = """
from rig.virtual.wires import Drop, When

def test_one_lost(bench, rig_run):
    with bench.energised():
        virtual = rig_run.opened.virtual
        virtual.faults["faults_io"].add(Drop(when=When(nth=1)))
        virtual.inputs["door"] = True  # has it looked at
        bench.sleep(1.0)

def test_trips(bench, rig_run):
    with bench.energised():
        rig_run.opened.virtual.faults["faults_io"].add(Drop(when=When(probability=1.0)))
        bench.sleep(3600.0)
"""
    virtual = (ROOT / "benches" / "virtual.yaml").read_text("utf-8")
    Path("bench.yaml").write_text(virtual.replace("timeout_s: 0.5", "timeout_s: 0.1"), "utf-8")
    plan(source, "--bench", "bench.yaml").assert_outcomes(passed=1)
    assert outcomes()["test_one_lost"]["outcome"] == "passed"
    assert outcomes()["test_trips"]["outcome"] == "broken"
