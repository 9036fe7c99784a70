"""Plans run dry: what is listed, what is refused, and that nothing at all is opened."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import serial

ROOT = Path(__file__).parents[3]
REQUIREMENTS = (ROOT / "testplans" / "requirements.yaml").read_text()


@pytest.fixture
def dry(pytester, monkeypatch):
    """Write a plan and run it dry, in this process, where nothing can be opened."""
    monkeypatch.chdir(pytester.path)
    pytester.makefile(".yaml", requirements=REQUIREMENTS)

    def refuse(*_args, **_options):
        raise AssertionError("something was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setattr(serial.Serial, "open", refuse)
    monkeypatch.setattr(os, "openpty", refuse)

    def run(source, *options):
        pytester.makepyfile(test_plan=source)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "--dry-run", *options)

    return run


PLAN = """
import pytest

@pytest.mark.requirement("R-OUT-02")
def test_x(bench, verify):
    with bench.energised("A"):
        bench.loads["A"].draw_power(460, power_factor=0.5)
        bench.sleep(2.0)
        bench.faults.short_circuit("A", angle_deg=90)
        reading = bench.output.read()["A"]
        assert reading.voltage_v == 230
        assert reading.current_a == pytest.approx(4.0)
        verify(bench.output.frequency("A", reading))
"""


@pytest.mark.parametrize("bench", ["virtual", "example-lab"])
def test_every_stimulus_is_listed_in_order_and_no_bench_is_opened(dry, bench):
    result = dry(PLAN, "--bench", str(ROOT / "benches" / f"{bench}.yaml"))
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "*test_plan.py d *",
            "test_plan.py::test_x",
            "* s  pack * set 360 V",
            "* s  pack * output on",
            "* s  controller * enable sockets: A",
            "* s  controller * start",
            "* s  load_a * set 460 W, power factor 0.5",
            "* s  load_a * input on",
            "* s  point_on_wave branches 0b1000000 closed 5 ms after zero, 0.1 s",
            "* s  load_a * input off",
            "* s  controller * stop",
            "dry run of 1 tests on bench *: * stimuli, every one inside the envelope;"
            " no bench was opened",
        ]
    )


def test_it_leaves_no_files(dry, pytester):
    before = set(pytester.path.iterdir())
    dry(PLAN, "--run-dir", "record")
    left = {path.name for path in set(pytester.path.iterdir()) - before}
    assert left <= {"test_plan.py", "__pycache__"}


def test_a_stimulus_outside_the_envelope_fails_its_test_and_the_run(dry):
    result = dry(
        """
def test_bad(bench):
    with bench.energised():
        bench.loads["B"].draw_power(3700)

def test_good(bench):
    with bench.energised():
        bench.loads["B"].draw_power(3500)
"""
    )
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "test_plan.py Bd *",
            "  REFUSED       load_b: power_w = 3700 is outside*yaml: envelope.load_b.power_w*",
            "*1 refused; no bench was opened",
            "*test_bad: load_b: power_w = 3700 is outside the envelope*at most 3600 *",
        ]
    )


@pytest.mark.parametrize("swallows", ["Exception", "BaseException"])
def test_a_refusal_that_the_plan_swallows_fails_the_run_all_the_same(dry, swallows):
    result = dry(
        f"""
def test_bad(bench):
    with bench.energised():
        try:
            bench.faults.short_circuit("A", angle_deg=0, hold_s=1.0)
        except {swallows}:
            pass
"""
    )
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*REFUSED*short_hold_s = 1 is outside*"])


def test_energy_that_time_uses_up_is_refused_too(dry):
    result = dry(
        """
def test_long(bench):
    with bench.energised():
        bench.loads["A"].draw_power(4000)
        bench.sleep(26 * 3600)
"""
    )
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*REFUSED*energy_wh = 100000 is outside*"])


def test_a_plan_that_dislikes_a_made_up_answer_ends_there_and_says_so(dry):
    result = dry(
        """
def test_wants_a_trip(bench):
    with bench.energised():
        bench.loads["A"].draw_power(3600)
        assert bench.unit.wait_for_trip("A", within_s=5.0).name == "OVERLOAD_SOCKET", "no trip"
"""
    )
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*set 3600 W", "*went no further on made-up answers: no trip*"])


def test_a_mistake_in_the_plan_is_no_made_up_answer(dry):
    result = dry("def test_x(bench):\n    bench.no_such_thing()\n")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*AttributeError*no_such_thing*"])


def test_a_bench_file_with_a_mistake_is_a_usage_error(dry, pytester):
    text = (ROOT / "benches" / "virtual.yaml").read_text()
    pytester.makefile(".yaml", bench=text.replace("slew_v: 150", "slew_a: 150"))
    result = dry(PLAN, "--bench", "bench.yaml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*envelope.pack.slew_a: means nothing for EA PSB 10000*"])


def test_the_projects_own_plans_stay_inside_the_envelope_of_the_lab_bench():
    """The virtual bench has the same envelope: another test holds the two files together."""
    bench = "benches/example-lab.yaml"
    options = ["--dry-run", "-q", "-p", "no:cacheprovider", "--bench", bench]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "testplans", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "every one inside the envelope" in done.stdout
    assert "went no further" not in done.stdout
    assert len(done.stdout.splitlines()) > 1000


def test_no_simulation_is_even_loaded():
    code = "import sys, rig.dry, rig.plugin; sys.exit('rig.virtual.bench' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
