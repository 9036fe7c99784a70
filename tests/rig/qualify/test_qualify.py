"""``rig qualify`` as it is run: what is caught, what is missed, what is broken."""

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from patience import wait_until

from rig.cli import main
from rig.recording import Record

ROOT = Path(__file__).parents[3]
LAB = str(ROOT / "benches" / "example-lab.yaml")

DEFECTS = """
from dataclasses import replace
from rig.virtual.unit import Defect

def without_stages(p):
    a, b, c = p.sockets
    return replace(p, sockets=(a, replace(b, stages=()), c))

def off(hz):
    return lambda p: replace(p, inverter=replace(p.inverter, frequency_hz=hz))

DEFECTS = [
    Defect("b-deaf", "R-OVL-09", "socket B has no overload stages", without_stages),
    Defect("b-deaf-misnamed", "R-OUT-02", "the same, under a wrong requirement", without_stages),
    Defect("harmless", "R-OUT-02", "the frequency is 50.1 Hz", off(50.1)),
]
"""


def line_of(result, name):
    return next(line for line in result.stdout.splitlines() if f" {name} " in line)


def test_each_defect_ends_up_where_it_belongs(run, folder):
    (folder / "mine.py").write_text(DEFECTS)
    result = run(
        "test_plan.py", "--defects", "mine.py", "--healthy", 1, "--jobs", 2,
        "--json", "out/matrix.json", "--html", "out/matrix.html",
    )  # fmt: skip
    assert result.returncode == 1, result.stderr
    assert json.loads((folder / "out" / "matrix.json").read_text()) == {
        "defects": [
            {
                "id": "b-deaf",
                "requirement": "R-OVL-09",
                "caught_by_right": True,
                "caught_by": ["R-OVL-09"],
            },
            {
                "id": "b-deaf-misnamed",
                "requirement": "R-OUT-02",
                "caught_by_right": False,
                "caught_by": ["R-OVL-09"],
            },
            {
                "id": "harmless",
                "requirement": "R-OUT-02",
                "caught_by_right": False,
                "caught_by": [],
            },
        ],
        "healthy": [{"unit_seed": 0, "failed": [], "inconclusive": []}],
    }
    assert "ELSEWHERE" in line_of(result, "b-deaf-misnamed")
    assert "MISSED" in line_of(result, "harmless")
    assert re.search(r"\[ +4/4, 0:00 left\]", result.stdout)
    page = (folder / "out" / "matrix.html").read_text()
    assert "the frequency is 50.1 Hz" in page
    assert "http" not in page
    assert "<script" not in page


def test_a_plan_that_catches_everything_holds(run):
    result = run("test_plan.py", "--defect", "frequency-high")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "held" in result.stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--defect", "nonsense"], "nonsense"),
        (["--defects", "missing.py"], "missing.py"),
        (["--no-defects"], "nothing to do"),
        (["--defect", "output-high", "--runs", "."], "expected a new folder"),
        (["--defect", "output-high", "--bench", "absent.yaml"], "absent.yaml"),
        (["--no-defects", "--healthy", "1", "--bench", LAB], "only virtual benches"),
    ],
)
def test_a_wrong_word_is_named_and_ends_with_2(capsys, words, named):
    assert main(["qualify", "test_plan.py", *words]) == 2
    assert named in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["nowhere.py"], "nowhere.py"),
        (["test_broken.py"], "a_module_that_is_not_there"),
    ],
)
def test_a_plan_that_cannot_run_is_wrong_usage(run, folder, words, named):
    (folder / "test_broken.py").write_text("import a_module_that_is_not_there\n")
    result = run(*words, "--defect", "frequency-high")
    assert result.returncode == 2, result.stdout
    assert named in result.stderr
    assert "Traceback" not in result.stderr


def test_what_the_rig_breaks_is_no_catch_and_the_rest_goes_on(run, folder):
    (folder / "test_rough.py").write_text(
        """
import os, pytest, time

@pytest.mark.requirement("R-OUT-01")
def test_it_dies(bench):
    os.kill(os.getpid(), 9)

@pytest.mark.requirement("R-OUT-03")
def test_a_box_is_gone(bench, rig_run):
    rig_run.opened.virtual.unplug("analyser_ac")
    bench.output.read()

@pytest.mark.requirement("R-OUT-02")
def test_it_hangs(bench):
    time.sleep(60)

@pytest.mark.requirement("R-OUT-02")
def test_it_goes_on(bench, verify):
    with bench.energised():
        bench.sleep(1.0)
        verify(bench.output.frequency("A", bench.output.read()["A"]))
"""
    )
    names = ["output-high", "output-distorted", "frequency-high"]
    words = [word for name in names for word in ("--defect", name)]
    result = run("test_rough.py", *words, "--silence", 5, "--jobs", 3, "--json", "m.json")
    assert result.returncode == 1
    found = json.loads((folder / "m.json").read_text())["defects"]
    caught = {each["id"]: each["caught_by"] for each in found}
    assert caught == {
        "output-high": [], "output-distorted": [], "frequency-high": ["R-OUT-02"]
    }  # fmt: skip
    for name, standing in zip(names, ("BROKEN", "BROKEN", "ok"), strict=True):
        assert standing in line_of(result, name)
    assert "the worker ended by SIGKILL" in result.stdout
    assert "analyser_ac" in result.stdout


def test_workers_leave_the_record_that_a_process_of_its_own_leaves(run, folder):
    """Two units one after the other, so that nothing of the first can be in the second."""
    result = run("test_plan.py", "--no-defects", "--healthy", 2, "--unit-seed", 3, "--seed", 1,
                 "--jobs", 1, "--runs", "kept", "-k", "frequency")  # fmt: skip
    assert result.returncode == 0, result.stderr
    digests = []
    for record in sorted((folder / "kept").glob("*/record")):
        with Record(record) as one:
            digests.append(one.digest())
    run("test_plan.py", "-k", "frequency", "--unit-seed", 4, "--seed", 5, "--run-dir", "own",
        program=(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"))  # fmt: skip
    with Record(folder / "own") as own:
        assert digests[1] == own.digest()
    assert digests[0] != digests[1]


def test_an_interrupt_leaves_no_process(folder, start):
    (folder / "test_slow.py").write_text(
        """
import os, time
from pathlib import Path

def test_slow(bench):
    Path(f"worker-{os.getpid()}").touch()
    time.sleep(60)
"""
    )
    words = ["test_slow.py", "--no-defects", "--healthy", "2", "--jobs", "2"]
    with start(*words) as command:
        wait_until(lambda: len(list(folder.glob("worker-*"))) == 2, within_s=30.0)
        command.send_signal(signal.SIGINT)
        _, errors = command.communicate(timeout=30)
    assert command.returncode == 130
    assert "Traceback" not in errors
    for worker in folder.glob("worker-*"):
        with pytest.raises(ProcessLookupError):
            os.kill(int(worker.name.partition("-")[2]), 0)


def test_the_defects_of_the_manual_s_example_are_caught(run, folder):
    manual = (ROOT / "docs" / "qualification.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", manual, re.DOTALL)
    (folder / "example.py").write_text(example)
    plan = (
        "operation/test_start.py::test_sockets_come_on_one_by_one_by_priority",
        "protection/test_overload.py::test_the_inverter_trips_at_200_percent[A-0]",
    )
    words = [ROOT / "testplans" / each for each in plan]
    result = run(*words, "--defects", "example.py")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("] ok ") == 2
