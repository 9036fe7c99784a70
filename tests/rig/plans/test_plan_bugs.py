"""A bug of the plan never yields a pass: it is inconclusive, broken or an error, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

import rig.virtual.bench  # noqa: F401  # imported here once, not by every plan's run anew
from rig.recording import Record

ROOT = Path(__file__).parents[3]
REQUIREMENTS = (ROOT / "testplans" / "requirements.yaml").read_text()
BENCH = (ROOT / "benches" / "virtual.yaml").read_text()

HEAD = """
import pytest
from rig.bench import SocketOverload
from rig.measure import Measurement, NoTripSeen, Quantity
from rig.measure.signals import excess, is_constant

OVERLOAD = pytest.mark.requirement("R-OVL-09")
SHORT = pytest.mark.requirement("R-SC-01")

def timed(bench, requirement, *, before=lambda o: o.prepare(), apply=lambda o: o.apply()):
    overload = SocketOverload(bench, "A", requirement, 1.0)
    before(overload)
    with overload.capture() as wave:
        apply(overload)
    return overload.trip_time(wave)
"""

PLAN = """
@OVERLOAD
def test_as_it_should_be(bench, requirement, verify):
    with bench.energised():
        verify(timed(bench, requirement))

@OVERLOAD
def test_the_stimulus_was_not_reached(bench, requirement, verify):
    with bench.energised():
        verify(timed(bench, requirement, before=lambda overload: None))

@OVERLOAD
def test_the_scope_never_triggered(bench, requirement, verify):
    with bench.energised():
        verify(timed(bench, requirement, apply=lambda overload: None))

@OVERLOAD
def test_the_scope_looks_at_another_socket(bench, requirement, verify):
    with bench.energised():
        overload = SocketOverload(bench, "A", requirement, 1.0)
        overload.prepare()
        with bench.capture("B", 12.0, peak_a=40.0) as wave:
            overload.apply()
        verify(overload.trip_time(wave))

@SHORT
def test_nothing_was_shorted(bench, requirement, verify):
    with bench.energised():
        with bench.capture("A", 0.25, sample_rate_hz=500e3) as wave:
            pass
        verify(wave.trip_time(stimulus_ends_s=0.1))
        verify(wave.peak_current(later_than_s=100e-6))
        verify(wave.let_through(within_s=0.01))

@SHORT
def test_the_range_clips_what_is_judged(bench, requirement, verify):
    with bench.energised():
        with bench.capture("A", 0.25, sample_rate_hz=500e3, peak_a=30.0) as wave:
            bench.faults.short_circuit("A", angle_deg=90, hold_s=0.1)
        verify(wave.peak_current(later_than_s=100e-6))

@SHORT
def test_the_stimulus_is_not_proven(bench, requirement, verify):
    with bench.energised():
        with bench.capture("A", 0.25, sample_rate_hz=500e3, peak_a=88.0) as wave:
            bench.faults.short_circuit("A", angle_deg=90, hold_s=0.1)
        verify(wave.trip_time(stimulus_ends_s=0.1))

@SHORT
def test_the_angle_was_another(bench, requirement, verify):
    with bench.energised():
        with bench.capture("A", 0.25, sample_rate_hz=500e3, peak_a=88.0) as wave:
            bench.faults.short_circuit("A", angle_deg=90, hold_s=0.1)
        proof = wave.prove_angle(45.0, 5.0, 0.1)
        verify(wave.trip_time(proof, stimulus_ends_s=0.1))

@SHORT
def test_the_channel_was_not_recorded(bench, requirement, verify):
    with bench.energised():
        with bench.capture("A", 0.25, peak_a=88.0) as wave:
            bench.faults.short_circuit("A", angle_deg=90, hold_s=0.1)
        verify(wave.trip_time(of="residual_current"))

@SHORT
def test_a_signal_was_never_recorded(bench, verify):
    with bench.energised():
        with bench.capture("A", 0.25) as wave:
            pass
        flat = is_constant(wave.signal(), 0.0, tolerance=400.0, start_s=0.0, end_s=0.2)
        verify(excess(flat, "peak_current"))

@SHORT
def test_the_quantity_has_no_limit(bench, verify):
    verify(Measurement.of("colour", Quantity(1.0, "A", 0.0)))

@SHORT
def test_the_unit_is_another(bench, verify):
    verify(Measurement.of("peak_current", Quantity(0.05, "kA", 0.0)))

@SHORT
def test_the_value_is_no_number(bench, verify):
    verify(Measurement.of("peak_current", Quantity(float("nan"), "A", 0.0)))

@pytest.mark.requirement("R-OVL-07")
def test_no_trip_without_a_stimulus(bench, verify):
    verify(NoTripSeen("trip_time", 1e9))

@OVERLOAD
def test_the_plan_swallows_what_went_wrong(bench, requirement, verify):
    with bench.energised():
        try:
            verify(timed(bench, requirement, apply=lambda overload: overload.no_such_method()))
        except AttributeError:
            pass

@OVERLOAD
def test_the_socket_does_not_exist(bench, requirement, verify):
    with bench.energised():
        with bench.capture("D", 0.1) as wave:
            pass
        verify(wave.trip_time())

@OVERLOAD
def test_the_role_does_not_exist(bench, requirement, verify):
    with bench.energised():
        bench.loads["E"].draw_current(1.0)
        verify(timed(bench, requirement))
"""

EXPECTED = {
    "test_as_it_should_be": ("passed", ""),
    "test_the_stimulus_was_not_reached": ("inconclusive", "stimulus not proven"),
    "test_the_scope_never_triggered": ("inconclusive", "not triggered"),
    "test_the_scope_looks_at_another_socket": ("inconclusive", "no stimulus seen"),
    "test_nothing_was_shorted": ("inconclusive", "not triggered"),
    "test_the_range_clips_what_is_judged": ("inconclusive", "clipped"),
    "test_the_stimulus_is_not_proven": ("inconclusive", "the stimulus was not proven"),
    "test_the_angle_was_another": ("inconclusive", "stimulus not proven: wanted 40 to 50 deg"),
    "test_the_channel_was_not_recorded": ("broken", "no waveform 'residual_current'"),
    "test_a_signal_was_never_recorded": ("broken", "the limit is for peak_current in A"),
    "test_the_quantity_has_no_limit": ("broken", "no limit for 'colour'"),
    "test_the_unit_is_another": ("broken", "the limit is for peak_current in A"),
    "test_the_value_is_no_number": ("inconclusive", "the value is nan"),
    "test_no_trip_without_a_stimulus": ("inconclusive", "the stimulus was not proven"),
    "test_the_plan_swallows_what_went_wrong": ("inconclusive", "without a verdict"),
    "test_the_socket_does_not_exist": ("broken", "expected a socket of A, B, C, got 'D'"),
    "test_the_role_does_not_exist": ("broken", "expected a socket of A, B, C, got 'E'"),
}


@pytest.fixture
def plan(pytester, monkeypatch):
    """Run a plan in this process, beside requirements and a bench file of its own."""
    monkeypatch.chdir(pytester.path)

    def run(source, *options, requirements=REQUIREMENTS, bench=BENCH):
        pytester.makefile(".yaml", requirements=requirements, bench=bench)
        pytester.makepyfile(test_plan=HEAD + source)
        return pytester.runpytest_inprocess(
            "-p", "no:cacheprovider", "--run-dir", "record", "--bench", "bench.yaml", *options
        )

    return run


def endings():
    with Record(Path("record")) as record:
        ended = [event.data for event in record.events("test.ended")]
        verdicts = [event.data for event in record.events("verdict")]
    return {e["test"].partition("::")[2]: (e["outcome"], e["message"]) for e in ended}, verdicts


def test_every_bug_of_a_plan_is_told_from_a_pass(plan):
    result = plan(PLAN)
    assert result.ret == 1
    found, verdicts = endings()
    for name, (outcome, reason) in EXPECTED.items():
        assert found[name][0] == outcome, (name, found[name])
        assert reason in found[name][1], (name, found[name])
    assert set(found) == set(EXPECTED)
    assert [v["outcome"] for v in verdicts].count("PASS") == 1


SHORT_PLAN = """
@OVERLOAD
def test_it_trips(bench, requirement, verify):
    with bench.energised():
        verify(timed(bench, requirement))
"""


def test_a_limit_that_an_engineers_file_lacks_is_an_error(plan):
    """The quantity is measured and well, but nobody said what it may be."""
    limit = "trip_time: {unit: s, min: 1, max: 10, kind: trip_time}"
    other = REQUIREMENTS.replace(limit, "trip_current: {unit: A, max: 30}")
    assert other != REQUIREMENTS
    result = plan(SHORT_PLAN, requirements=other)
    assert result.ret == 1
    found, verdicts = endings()
    outcome, message = found["test_it_trips"]
    assert outcome == "broken"
    assert "R-OVL-09 has no limit for 'trip_time'; it has trip_current" in message
    assert verdicts == []


def test_a_trip_time_limit_without_a_bound_is_refused_with_its_line(plan):
    limit = "trip_time: {unit: s, min: 1, max: 10, kind: trip_time}"
    other = REQUIREMENTS.replace(limit, "trip_time: {unit: s, kind: trip_time}")
    result = plan(SHORT_PLAN, requirements=other)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*requirements.yaml:*trip_time*"])


@pytest.mark.parametrize("engineering", [False, True])
def test_an_overdue_scope_gives_no_verdict_that_counts(plan, engineering):
    before, scope, after = BENCH.partition("  scope_ac:\n")
    overdue = before + scope + after.replace("due: 2027-09-01", "due: 2025-09-02", 1)
    result = plan(SHORT_PLAN, *(["--engineering"] if engineering else []), bench=overdue)
    (verdict,) = endings()[1]
    with Record(Path("record")) as record:
        (started,) = [event.data for event in record.events("run.started")]
    assert started["engineering"] is engineering
    if engineering:
        assert verdict["outcome"] == "PASS"
        assert "scope_ac: calibration overdue since 2025-09-02" in verdict["not_for_sign_off"]
    else:
        assert result.ret == 1
        assert verdict["outcome"] == "INCONCLUSIVE"
        assert "calibration overdue" in verdict["reason"]


@pytest.mark.parametrize("source", ["def test_(:\n", "import no_such_module\n"])
def test_a_plan_that_cannot_be_read_says_so_and_opens_no_bench(plan, source):
    result = plan(source)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["ERROR test_plan.py*"])
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    assert not Path("record").exists()


PEAK_PLAN = """
@SHORT
def test_the_peak_is_low(bench, verify):
    with bench.energised():
        with bench.capture("A", 0.1, trigger="voltage", level=0.0, peak_a=100.0) as wave:
            pass
        verify(wave.peak_current(later_than_s=0.0))
"""
WIDE_RANGES = [
    f"        - {{quantity: current, unit: A, up_to: {up_to},"
    " of_reading_percent: 1.0, of_range_percent: 1.5}\n"
    for up_to in (150, 2000)
]


def test_a_channel_in_a_range_that_no_certificate_covers_is_inconclusive(plan):
    bench = BENCH
    for line in WIDE_RANGES:
        assert line in bench
        bench = bench.replace(line, "")
    plan(PEAK_PLAN, bench=bench)
    found, _ = endings()
    outcome, message = found["test_the_peak_is_low"]
    assert outcome == "inconclusive"
    assert "socket_current: no certificate covers its range" in message


def test_the_same_channel_with_its_certificate_is_judged(plan):
    assert plan(PEAK_PLAN).ret == 0


CRASH_PLAN = """
@OVERLOAD
def test_something_unforeseen(bench, requirement, verify):
    raise ValueError("nobody thought of this")
"""


def test_an_unforeseen_error_is_a_fault_of_the_rig_everywhere(plan):
    result = plan(CRASH_PLAN, "--junitxml", "junit.xml")
    assert result.ret == 1
    assert endings()[0]["test_something_unforeseen"][0] == "broken"
    assert result.parseoutcomes() == {"broken": 1}
    result.stdout.fnmatch_lines(["*nobody thought of this*"])
    assert 'errors="1" failures="0"' in Path("junit.xml").read_text()


def test_the_trace_of_an_error_begins_in_the_plan_and_a_verdict_needs_none(plan):
    plan(CRASH_PLAN + SHORT_PLAN, "--defect", "socket-a-160-late")
    with Record(Path("record")) as record:
        traces = {e.data["test"]: e.data["trace"] for e in record.events("test.trace")}
    assert endings()[0]["test_it_trips"][0] == "failed"
    assert list(traces) == ["test_plan.py::test_something_unforeseen"]
    (trace,) = traces.values()
    assert trace.startswith("test_plan.py:")
    assert "nobody thought of this" in trace
