"""Small plans and defect files, and the real command run on them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RIG = Path(sys.executable).with_name("rig")

PLAN = """
import pytest
from rig.bench import SocketOverload

@pytest.mark.requirement("R-OVL-09")
@pytest.mark.parametrize("name", ["A", "B"])
def test_it_trips(bench, requirement, verify, name):
    with bench.energised():
        overload = SocketOverload(bench, name, requirement, 0.5)
        overload.prepare()
        with overload.capture() as wave:
            overload.apply()
        verify(overload.trip_time(wave))

@pytest.mark.requirement("R-OUT-02")
def test_the_frequency_is_held(bench, requirement, verify):
    with bench.energised():
        bench.sleep(1.0)
        verify(bench.output.frequency("A", bench.output.read()["A"]))
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a small plan, and the project's requirements beside it."""
    (tmp_path / "test_plan.py").write_text(PLAN)
    requirements = (ROOT / "testplans" / "requirements.yaml").read_text()
    (tmp_path / "requirements.yaml").write_text(requirements)
    return tmp_path


@pytest.fixture(scope="session")
def qualify():
    """Run ``rig qualify``, or another program, in a folder; bounded, since a worker might hang."""

    def qualify(folder, words, program=(str(RIG), "qualify")):
        return subprocess.run(
            [*program, *map(str, words)],
            cwd=folder, env=environment(), capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip

    return qualify


@pytest.fixture
def run(folder, qualify):
    """Run a command line in the folder of the small plan."""
    return lambda *words, **how: qualify(folder, words, **how)


@pytest.fixture
def start(folder):
    """Start ``rig qualify`` in the folder."""

    def start(*words):
        return subprocess.Popen(
            [str(RIG), "qualify", *words],
            cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    return start


def environment():
    """Return an environment in which the command is this checkout's."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}
