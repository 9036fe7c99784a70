"""How plans run on the virtual bench: outcomes, broken benches, selection, records."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import rig.virtual.bench  # noqa: F401  # imported here once, not by every plan's run anew
from rig.recording import Record

ROOT = Path(__file__).parents[3]
REQUIREMENTS = (ROOT / "testplans" / "requirements.yaml").read_text()

PLAN = """
import pytest
from rig.bench import SocketOverload

@pytest.mark.requirement("R-OVL-09")
def test_it_trips(bench, requirement, verify):
    with bench.energised():
        overload = SocketOverload(bench, "A", requirement, 1.0)
        overload.prepare()
        with overload.capture() as wave:
            overload.apply()
        verify(overload.trip_time(wave))
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


def test_a_healthy_unit_passes_and_leaves_its_verdict_in_the_record(plan):
    result = plan(PLAN)
    result.assert_outcomes(passed=1)
    (verdict,) = events("verdict")
    assert verdict["outcome"] == "PASS"
    assert verdict["requirement"] == "R-OVL-09"
    assert 1.0 < verdict["value"] < 10.0
    assert events("test.ended")[0]["outcome"] == "passed"


def test_a_defective_unit_fails_with_a_sentence_and_no_traceback(plan):
    source = PLAN.replace('"A", requirement, 1.0', '"B", requirement, 0.5')
    result = plan(source, "--defect", "socket-b-no-overload")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*R-OVL-09 trip time not seen, limit 1 to 10 s: FAIL*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert events("run.started")[0]["defect"] == "socket-b-no-overload"


def test_equal_seeds_leave_equal_records_and_other_seeds_do_not(plan, pytester):
    digests = []
    for n, seed in enumerate(("3", "3", "4")):
        plan(PLAN, "--seed", seed, "--run-dir", f"record-{n}")
        with Record(Path(f"record-{n}")) as record:
            digests.append(record.digest())
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


@pytest.mark.parametrize("role", ["pack", "load_a", "load_c", "scope_ac", "analyser_ac"])
def test_an_unplugged_box_breaks_its_test_and_the_rest_is_not_tested(plan, role):
    source = f"""
def test_cut(bench, rig_run):
    with bench.energised():
        rig_run.opened.virtual.unplug({role!r})
        bench.loads["A"].draw_power(500)
        bench.loads["C"].draw_power(500)
        bench.output.read()
        with bench.capture("A", 0.1):
            pass

def test_afterwards(bench):
    raise AssertionError("must not run")

def test_outputs(rig_run):
    virtual = rig_run.opened.virtual
    virtual.network.advance()
    steady = virtual.network.sensors.steady()
    assert max(steady.socket_current_a) == 0.0
    assert max(steady.socket_voltage_v) < 1.0
    if {role!r} != "pack":
        assert steady.dc_voltage_v < 60.0
"""
    result = plan(source, "--junitxml", "junit.xml")
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"*test_cut: * on {role} at *expected*got*"])
    outcomes = {e["test"].partition("::")[2]: e for e in events("test.ended")}
    assert outcomes["test_cut"]["outcome"] == "broken"
    assert outcomes["test_afterwards"]["outcome"] == "skipped"
    reason = outcomes["test_afterwards"]["message"]
    assert reason.startswith("NOT TESTED: ")
    assert role in reason
    result.assert_outcomes(passed=1, skipped=1)
    suite = ET.parse("junit.xml").getroot().find("testsuite")
    assert (suite.get("errors"), suite.get("failures")) == ("1", "0")


def test_a_capture_that_never_triggers_is_inconclusive_and_fails_the_run(plan):
    source = PLAN.replace("            overload.apply()\n", "            pass\n")
    result = plan(source)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*INCONCLUSIVE*not triggered*"])
    assert events("test.ended")[0]["outcome"] == "inconclusive"


def test_an_inconclusive_run_passes_where_that_is_allowed(plan):
    source = PLAN.replace("            overload.apply()\n", "            pass\n")
    assert plan(source, "--allow-inconclusive").ret == 0


def test_a_test_without_a_verdict_on_its_requirement_is_no_pass(plan):
    result = plan(
        'import pytest\n@pytest.mark.requirement("R-OVL-09")\ndef test_x(verify):\n    pass\n'
    )
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*came to its end without a verdict*"])


def test_a_requirement_that_the_file_lacks_is_a_usage_error(plan):
    result = plan(
        'import pytest\n@pytest.mark.requirement("R-OVL-77")\ndef test_x(verify):\n    pass\n'
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no requirement 'R-OVL-77'*"])
    result.stderr.no_fnmatch_line("*Traceback*")


def test_a_quantity_without_a_limit_is_an_error_not_a_pass(plan):
    source = PLAN.replace("R-OVL-09", "R-OUT-02").replace(
        'overload = SocketOverload(bench, "A", requirement, 1.0)',
        "from rig.measure import Measurement, Quantity\n"
        "        verify(Measurement.of('colour', Quantity(1.0, 'Hz', 0.0)))\n        return",
    )
    result = plan(source)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*R-OUT-02 has no limit for 'colour'*"])


def test_a_stimulus_outside_the_envelope_is_refused_before_it_is_sent(plan):
    source = """
def test_x(bench):
    with bench.energised():
        bench.loads["A"].draw_power(5000)
"""
    result = plan(source)
    result.stdout.fnmatch_lines(["*load_a: power_w = 5000 is outside the envelope*at most 4400*"])
    with Record(Path("record")) as record:
        sent = b"".join(e.sent for e in record.exchanges(0, 10**9) if e.box == "load_a")
    assert b"5000" not in sent


def test_a_run_folder_in_use_is_a_usage_error(plan):
    Path("record").mkdir()
    Path("record/old.txt").write_text("kept")
    result = plan(PLAN)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert Path("record/old.txt").read_text() == "kept"


def test_an_unknown_defect_is_a_usage_error_that_lists_the_known_ones(plan):
    result = plan(PLAN, "--defect", "no-such")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*no-such*socket-b-no-overload*"])


def test_a_bench_file_with_a_typo_is_named_with_line_and_key(plan, pytester):
    text = (ROOT / "benches" / "virtual.yaml").read_text().replace("earthing: tn", "earthing: tt")
    pytester.makefile(".yaml", bench=text)
    result = plan(PLAN, "--bench", "bench.yaml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*bench.yaml:9: unit.earthing: got 'tt'*"])


def test_energy_that_is_used_up_ends_the_test_at_that_instant(plan, pytester):
    text = (ROOT / "benches" / "virtual.yaml").read_text()
    pytester.makefile(".yaml", bench=text.replace("energy_wh: 100000}", "energy_wh: 1}"))
    source = """
def test_x(bench, rig_run):
    with bench.energised():
        bench.loads["A"].draw_power(3600)
        before = bench.clock.now()
        try:
            bench.sleep(60.0)
        finally:
            rig_run.opened.virtual.took_s = bench.clock.now() - before

def test_when(rig_run):
    assert 0.5 < rig_run.opened.virtual.took_s <= 1.0
"""
    result = plan(source, "--bench", "bench.yaml")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_x: *energy_wh = 1 is outside*bench is made safe*"])
    assert events("test.ended")[0]["outcome"] == "broken"


def test_what_needs_a_network_that_the_bench_lacks_is_not_tested(plan, pytester):
    bench = (ROOT / "benches" / "virtual.yaml").read_text()
    line = "    cut_12v: {board: faults_3, relay: 0}\n"
    assert line in bench
    (pytester.path / "bench.yaml").write_text(bench.replace(line, ""))
    source = """
def test_a_cut(bench):
    with bench.faults.networks.inserted("cut_12v", longest_s=1.0):
        raise AssertionError("never reached")
"""
    result = plan(source, "--bench", "bench.yaml", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*NOT TESTED: this bench has no fault network cut_12v*"])
    assert events("test.ended")[0]["outcome"] == "skipped"


def test_what_the_unit_says_on_its_console_is_in_the_record(plan):
    plan(PLAN)
    said = [event["line"] for event in events("console")]
    assert any("TRIP code=2 socket=A" in line for line in said)


FULL = "rig_run.recorder._db.execute('pragma query_only = on')"


def test_a_record_that_cannot_be_written_ends_the_run_broken_and_the_bench_dead(plan, watching):
    source = f"""
def test_full(bench, rig_run):
    with bench.energised():
        bench.loads["A"].draw_power(500)
        {FULL}
        bench.output.read()
        ended.append(rig_run)

ended = []

def test_never(bench):
    raise AssertionError("must not run")
"""
    result = plan(source, "-p", "watching")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*test_full: writing the event reading on the record at *readonly*"]
    )
    result.stdout.no_fnmatch_line("*must not run*")
    result.stdout.no_fnmatch_line("*Traceback*")
    assert Path("dead.txt").read_text() == "dead"


@pytest.fixture
def watching(pytester):
    """Offer a plugin that looks at the circuit at the end of a session."""
    pytester.makepyfile(
        watching="""
import pytest
from pathlib import Path
from rig.plugin import _RUN

@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    network = session.config.stash[_RUN].opened.virtual.network
    network.advance()
    steady = network.sensors.steady()
    dead = steady.dc_voltage_v < 60.0 and max(steady.socket_voltage_v) < 30.0
    Path("dead.txt").write_text("dead" if dead else "live")
"""
    )
    pytester.syspathinsert()


def test_a_test_whose_end_cannot_be_recorded_does_not_pass(plan):
    result = plan(f"def test_x(bench, rig_run):\n    {FULL}\n\ndef test_y(bench):\n    pass\n")
    assert result.ret == 1
    result.assert_outcomes(passed=1, errors=1)  # its body passed, its end did not
    result.stdout.fnmatch_lines(["*rig: writing the event test.ended on the record*run ends here*"])


def test_a_run_folder_that_is_a_file_is_a_usage_error(plan):
    Path("record").write_text("kept")
    result = plan(PLAN)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*rig: run folder record: expected a folder that can be made*"])


def test_a_bench_that_cannot_be_made_safe_at_the_end_fails_the_run(plan):
    source = "def test_x(bench, rig_run):\n    rig_run.opened.virtual.unplug('load_b')\n"
    result = plan(source)
    result.assert_outcomes(passed=1)
    assert result.ret == 1
    result.stderr.fnmatch_lines(["*rig: the bench could not be made safe: * on load_b at*"])


@pytest.mark.parametrize("seed", ["-1", "1.5", "one"])
@pytest.mark.parametrize("option", ["--seed", "--unit-seed"])
def test_a_seed_that_is_no_whole_number_is_a_usage_error(plan, option, seed):
    result = plan(PLAN, f"{option}={seed}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{option}: expected a whole number from 0 up, got '{seed}'*"])


def test_an_interrupt_at_the_very_end_leaves_the_bench_made_safe_and_closed(plan):
    source = """
def test_x(bench, rig_run):
    def interrupts(event):
        if event.kind == "run.ended":
            raise KeyboardInterrupt("SIGINT")

    rig_run.recorder.subscribe(interrupts)
"""
    result = plan(source)
    assert result.ret == 1
    result.stderr.fnmatch_lines(["*rig: interrupted while ending: SIGINT"])
    with Record(Path("record")) as record:
        after = next(event.seq for event in record.events("run.ended"))
        assert "bench made safe" in [e.data["text"] for e in record.events("note") if e.seq > after]
        closed = {exchange.box for exchange in record.exchanges(after + 1, 10**9)}
    assert "pack" in closed  # remote control is given back


def test_a_defect_that_has_no_name_is_a_usage_error_and_no_healthy_unit(plan):
    result = plan(PLAN, "--defect", "")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*rig: --defect: expected the id of a defect, got nothing*"])


def test_a_plan_for_sockets_is_not_for_a_bench_without_any(plan):
    result = plan(PLAN, "--bench", str(ROOT / "benches" / "virtual-offboard.yaml"))
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.assert_outcomes(deselected=1)


def test_power_that_a_test_leaves_on_is_cut_at_its_end_and_told(plan):
    source = """
from contextlib import ExitStack
import pytest

kept = ExitStack()

def test_leaves(bench):
    kept.enter_context(bench.energised())

def test_dead(rig_run):
    network = rig_run.opened.virtual.network
    network.advance()
    assert network.sensors.steady().dc_voltage_v < 60.0

@pytest.fixture
def powered(bench):
    with bench.energised():
        yield

def test_by_a_fixture(powered, bench):
    bench.sleep(10.0)
"""
    result = plan(source)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*test_leaves: left the bench energised; expected *was made safe"])
    assert events("safety.trip") == []
