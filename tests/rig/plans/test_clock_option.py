"""The clock that a plan runs by: the bench file's, or the one asked for."""

import os
import signal
import threading
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest

from rig.in_wall_time import _end_after
from rig.run import RunOptions, _bench_file

ROOT = Path(__file__).parents[3]
REQUIREMENTS = (ROOT / "testplans" / "requirements.yaml").read_text()
PLAN = """
import pytest

@pytest.mark.requirement("R-OUT-01")
def test_time_passes(bench, requirement, verify):
    start_s = bench.clock.now()
    bench.sleep(0.2)
    assert bench.clock.now() >= start_s + 0.2
    assert bench.spec.clock == "CLOCK"
    bench.controller.read_status()
"""


@pytest.fixture
def plan(pytester, monkeypatch):
    """Write a plan with the project's requirements beside it."""
    monkeypatch.chdir(pytester.path)
    pytester.makefile(".yaml", requirements=REQUIREMENTS)

    def run(clock, *options):
        pytester.makepyfile(test_plan=PLAN.replace("CLOCK", clock))
        arguments = "-p", "no:cacheprovider", "--run-dir", "record", "--allow-inconclusive"
        return pytester.runpytest_inprocess(*arguments, *options)

    return run


def test_a_real_bench_has_no_virtual_time(plan):
    result = plan("wall", "--bench", ROOT / "benches" / "example-lab.yaml", "--clock", "virtual")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*--clock virtual: *example-lab.yaml has real addresses*"])


def test_a_virtual_bench_runs_in_virtual_time_unless_told(plan):
    for options in ((), ("--clock", "virtual")):
        result = plan("virtual", *options)
        assert "inconclusive" in result.stdout.str()  # no verdict was given, and nothing failed
        assert result.parseoutcomes().get("failed", 0) == 0
        Path("record").rename(f"record-{len(options)}")


@pytest.mark.wall_clock
def test_a_virtual_bench_runs_in_wall_time_when_asked(plan):
    result = plan("wall", "--clock", "wall")
    assert "inconclusive" in result.stdout.str()
    assert result.parseoutcomes().get("failed", 0) == 0


def test_what_keeps_a_bench_from_being_served_is_told(plan):
    result = plan("wall", "--clock", "wall", "--defect", "no-such-defect")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*could not be served*no-such-defect*"])


@pytest.mark.parametrize(
    ("written", "asked", "served"),
    [("wall", None, True), ("virtual", None, False), ("wall", "virtual", False)],
)
def test_without_the_option_the_clock_is_the_one_of_the_file(
    tmp_path, monkeypatch, written, asked, served
):
    file = tmp_path / "bench.yaml"
    text = (ROOT / "benches" / "virtual.yaml").read_text()
    file.write_text(text.replace("clock: virtual", f"clock: {written}"))
    monkeypatch.setattr("rig.run.served_in_wall_time", lambda *_, **__: nullcontext("served"))
    options = RunOptions(file, tmp_path, 0, 0, None, asked)
    with ExitStack() as stack:
        assert _bench_file(options, stack) == (("served", True) if served else (file, False))


def test_a_served_bench_ends_a_while_after_its_parent(monkeypatch):
    sent = []
    monkeypatch.setattr("os.kill", lambda *what: sent.append(what))
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as parent:
        watch = threading.Thread(target=_end_after, args=(parent, 0.01))
        watch.start()
        watch.join(0.05)
        assert watch.is_alive()
        os.close(writer)  # as the kernel does for a process that is killed
        watch.join(5.0)
    assert sent == [(os.getpid(), signal.SIGTERM)]
