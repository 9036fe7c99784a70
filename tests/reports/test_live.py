"""The same mapping, live through allure-pytest and afterwards from the record."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reports.allure_files import write_results
from rig.recording import Record

ROOT = Path(__file__).parents[2]

CONFTEST = """
import pytest

from instruments.errors import BenchError
from rig import hooks
from rig.bench.steps import Journal
from rig.clock import VirtualClock
from rig.outcomes import classify
from rig.recording import Recorder


def pytest_addhooks(pluginmanager):
    pluginmanager.add_hookspecs(hooks)


def pytest_unconfigure(config):
    config.recorder.event("run.ended", {})
    config.recorder.close()


@pytest.fixture(scope="session")
def recorder(pytestconfig):
    pytestconfig.recorder = Recorder(pytestconfig.rootpath / "run", VirtualClock())
    pytestconfig.hook.pytest_rig_run_started(recorder=pytestconfig.recorder)
    pytestconfig.recorder.event("run.started", {"bench": "virtual", "seed": 7})
    return pytestconfig.recorder


@pytest.fixture
def bench(request, recorder):
    item = request.node
    item.error = None
    params = getattr(item, "callspec", None)
    recorder.event(
        "test.started",
        {
            "test": item.nodeid,
            "title": item.name.removeprefix("test_").replace("_", " "),
            "description": item.obj.__doc__ or "",
            "requirements": ["R-OVL-03"],
            "parameters": {k: str(v) for k, v in params.params.items()} if params else {},
            "epic": "Outlet controller",
            "feature": "Overload",
            "severity": "critical",
            "tags": [],
        },
    )
    return Journal(recorder)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(item, call):
    report = yield
    recorder = item.config.recorder
    if call.excinfo and item.error is None:
        item.error = call.excinfo
    if call.when == "teardown":
        error = item.error.value if item.error else None
        recorder.event(
            "test.ended",
            {"test": item.nodeid, "outcome": classify(error), "message": str(error or "")},
        )
        if error:
            trace = {"test": item.nodeid, "trace": str(item.error.getrepr(style="short"))}
            recorder.event("test.trace", trace, hashed=False)
    return report
"""

PLAN = '''
import numpy as np
import pytest

from instruments.errors import LinkTimeout
from rig.outcomes import Inconclusive


@pytest.mark.parametrize("socket", ["A", "B"])
def test_it_holds(bench, socket):
    """Hold it."""
    with bench.step("outer"):
        bench.stimulus("load_a", "draw", power_w=7500.0)
        with bench.step("inner"):
            bench.note("said")
    ref = bench.recorder.waveform("c1", {"u": np.sin(np.arange(500.0))})
    channel = {"name": "u", "unit": "V", "t0_s": 0.0, "dt_s": 1e-3, "n": 500, "key": "u"}
    bench.recorder.event(
        "capture",
        {
            "id": "c1", "scope": "scope_ac", "socket": socket, "file": ref.file,
            "sha256": ref.sha256, "trigger": "level", "triggered": True, "problems": [],
            "channels": [channel],
        },
    )


def test_it_fails(bench):
    with bench.step("outer"):
        assert 3 > 4, "R-OVL-03: outside"


def test_it_breaks(bench):
    with bench.step("outer"):
        raise LinkTimeout("asking", box="load_a", address="pty", expected="a number", got="none")


def test_it_cannot_tell(bench):
    raise Inconclusive("scope_ac: not triggered")


def test_it_is_not_reached(bench):
    pytest.skip("NOT TESTED: the bench is broken")
'''


@pytest.fixture(scope="module")
def both(tmp_path_factory, read_results):
    folder = tmp_path_factory.mktemp("live")
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_plan.py").write_text(PLAN)
    (folder / "pytest.ini").write_text("[pytest]\n")
    options = ["-p", "allure_pytest.plugin", "-p", "reports.plugin", "--rootdir", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--alluredir", str(folder / "live"), "."],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "2 failed, 2 passed, 2 skipped" in done.stdout, done.stdout + done.stderr
    assert f"report: rig report {folder / 'run'}" in done.stdout
    assert not (folder / "run" / "record.sqlite-wal").exists(), "the record was left half merged"
    with Record(folder / "run") as record:
        write_results(record, folder / "afterwards")
    return read_results(folder / "live"), read_results(folder / "afterwards")


def shape(item):
    """Reduce a test or step to what must be the same, with ids and times left out."""
    return (
        item["name"],
        item["status"],
        sorted((p["name"], p["value"]) for p in item.get("parameters", [])),
        [(each["name"], each["type"]) for each in item.get("attachments", [])],
        [shape(each) for each in item.get("steps", [])],
    )


def test_live_and_afterwards_the_tests_steps_statuses_and_attachments_are_the_same(both):
    live, afterwards = both
    assert set(live.by_name) == set(afterwards.by_name)
    for name, result in live.by_name.items():
        assert shape(result) == shape(afterwards.by_name[name])


def test_live_and_afterwards_the_identity_and_words_are_the_same(both):
    live, afterwards = both
    for name, result in live.by_name.items():
        other = afterwards.by_name[name]
        for key in ("historyId", "testCaseId", "fullName", "titlePath", "descriptionHtml"):
            assert result.get(key) == other.get(key), key
        assert result.get("statusDetails") == other.get("statusDetails")
        mine = {(each["name"], each["value"]) for each in other["labels"]}
        assert mine <= {(each["name"], each["value"]) for each in result["labels"]}


def test_live_results_carry_the_environment_and_the_categories(both):
    live, afterwards = both
    for file in ("environment.properties", "categories.json"):
        assert (live.folder / file).read_text() == (afterwards.folder / file).read_text()
