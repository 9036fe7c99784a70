"""The pytest plugin: options, markers and fixtures of test plans."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from instruments.errors import BenchError, UsageError
from rig.bench import Bench
from rig.bench.either import is_offboard
from rig.bench.networks import NotFitted
from rig.bench.offboard_bench import OffboardBench
from rig.controller import SocketName
from rig.dry import DryReporting, DryRun
from rig.earthing import EarthingSuite
from rig.measure import Limit, Requirement, Requirements, load_requirements
from rig.outcomes import NOT_TESTED, Outcomes
from rig.run import PlanRun, RunOptions, required
from rig.safety import SafetyTrip
from rig.session import DEFAULT_BENCH, load_bench, seed_number
from rig.verify import Verifier

__all__: list[str] = []

_BENCH_FIXTURES = "offboard", "bench"
_RUN: pytest.StashKey[PlanRun | DryRun] = pytest.StashKey()
_DRY: pytest.StashKey[DryReporting] = pytest.StashKey()
_REQUIREMENTS: pytest.StashKey[dict[Path, Requirements]] = pytest.StashKey()


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Offer the rig's own hooks."""
    from rig import hooks

    pluginmanager.add_hookspecs(hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of test plans."""
    group = parser.getgroup("rig", "test plans on a bench")
    group.addoption(
        "--bench", type=Path, metavar="FILE", help="bench file (default: the virtual bench)"
    )
    group.addoption(
        "--seed",
        type=seed_number,
        default=0,
        metavar="N",
        help="noise and relay times of the virtual bench",
    )
    group.addoption(
        "--unit-seed",
        type=seed_number,
        default=0,
        metavar="N",
        help="tolerances of the simulated unit",
    )
    group.addoption(
        "--clock",
        choices=("virtual", "wall"),
        help="run the virtual bench in wall time, served by a process of its own (default: the"
        " bench file's clock)",
    )
    group.addoption("--defect", metavar="ID", help="give the simulated unit a seeded defect")
    group.addoption(
        "--run-dir",
        type=Path,
        metavar="DIR",
        help="new folder for the record (default: runs/<UTC>)",
    )
    group.addoption(
        "--requirements",
        type=Path,
        metavar="FILE",
        help="requirement file (default: requirements.yaml beside the plan)",
    )
    group.addoption(
        "--dry-run",
        action="store_true",
        help="open no bench: list what each test would apply, and hold it against the envelope",
    )
    group.addoption(
        "--engineering",
        action="store_true",
        help="judge although a calibration is overdue; such verdicts are not for sign-off",
    )
    group.addoption(
        "--allow-inconclusive",
        action="store_true",
        help="let a run pass with inconclusive verdicts",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register markers and the reporting of outcomes."""
    config.addinivalue_line(
        "markers", "requirement(id, ...): requirements of the unit that a test judges"
    )
    config.addinivalue_line("markers", "duration(seconds): about how long a test takes on hardware")
    config.addinivalue_line("markers", "energy(kwh): about how much energy a test moves")
    config.addinivalue_line("markers", "long: holds for an hour or more on hardware")
    config.addinivalue_line("markers", "earthing(kind): for units earthed so: tn or it")
    suite = EarthingSuite(lambda: load_bench(config.getoption("--bench") or DEFAULT_BENCH))
    config.pluginmanager.register(suite, "rig.earthing")
    config.stash[_REQUIREMENTS] = {}
    outcomes = Outcomes(allow_inconclusive=config.getoption("--allow-inconclusive"))
    config.pluginmanager.register(outcomes, "rig.outcomes")
    if config.getoption("--dry-run"):
        config.stash[_DRY] = DryReporting()
        config.pluginmanager.register(config.stash[_DRY], "rig.dry")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a plan whose tests name requirements that its file lacks.

    Of plans for both kinds of bench, those stay that are for the kind at hand.
    """
    try:
        _deselect_other_kind(config, items)
        for item in items:
            for requirement_id in required(item):
                _requirements(config, item).get(requirement_id)
    except UsageError as error:
        raise pytest.UsageError(f"rig: {error}") from None


def _deselect_other_kind(config: pytest.Config, items: list[pytest.Item]) -> None:
    for_box, for_unit = ({item for item in items if _wants(item, name)} for name in _BENCH_FIXTURES)
    if not for_box and not for_unit:
        return
    offboard = is_offboard(load_bench(config.getoption("--bench") or DEFAULT_BENCH))
    wrong = [item for item in items if item in (for_unit if offboard else for_box)]
    if not wrong:
        return
    config.hook.pytest_deselected(items=wrong)
    items[:] = [item for item in items if item not in wrong]


def _wants(item: pytest.Item, fixture: str) -> bool:
    """Say whether a test wants one of the rig's own benches."""
    names = getattr(item, "fixturenames", ())
    return fixture in names and "rig_run" in names


def pytest_unconfigure(config: pytest.Config) -> None:
    """End a run that did not come to the end of its session."""
    _close(config)


def _close(config: pytest.Config) -> bool:
    """End the run, once; return whether it ended well. The record is complete from here on."""
    run = config.stash.get(_RUN, None)
    failed = run.close() if run is not None else ""
    if failed:
        sys.stderr.write(f"\nrig: {failed}\n")
    return not failed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Let a test that ran to its end fail by a trip, or by its worst verdict."""
    run = item.config.stash.get(_RUN, None)
    tripped_before = run is not None and run.trip is not None
    try:
        yield
    except SafetyTrip:
        raise
    except NotFitted as error:
        pytest.skip(f"{NOT_TESTED}: {error}")
    except BaseException as error:
        if run is not None and run.trip is not None and not tripped_before:
            raise run.trip from error
        raise
    if run is not None and run.trip is not None and not tripped_before:
        raise run.trip  # the test has swallowed it
    verifier = item.stash.get(Verifier.KEY, None)
    if verifier is not None:
        verifier.raise_worst()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the run; let none pass that a latched bench kept from testing, or that ended badly."""
    run = session.config.stash.get(_RUN, None)
    tripped = run is not None and run.trip is not None
    if not (_close(session.config) and not tripped) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write the outcome of a bench test into the record."""
    report = yield
    run = item.config.stash.get(_RUN, None)
    if run is not None:
        try:
            run.note_phase(item, call)
        except BenchError as error:  # the record: without one no outcome stands, and none follows
            report.outcome, report.longrepr = "failed", str(error)
            item.session.shouldfail = f"rig: {error}"
    return report


@pytest.fixture(scope="session")
def rig_run(pytestconfig: pytest.Config) -> PlanRun | DryRun:
    """Open the bench and the record of this session; in a dry run neither."""
    if pytestconfig.pluginmanager.hasplugin("dsession") or hasattr(pytestconfig, "workerinput"):
        raise pytest.UsageError("pytest-xdist must not schedule a bench: run without -n")
    try:
        run = _dry_run(pytestconfig) or _plan_run(pytestconfig)
    except UsageError as error:
        pytest.exit(f"rig: {error}", returncode=pytest.ExitCode.USAGE_ERROR)
    except BenchError as error:
        pytest.exit(f"rig: {error}", returncode=pytest.ExitCode.TESTS_FAILED)
    pytestconfig.stash[_RUN] = run
    return run


def _dry_run(config: pytest.Config) -> DryRun | None:
    reporting = config.stash.get(_DRY, None)
    if reporting is not None:
        reporting.run = DryRun(config.getoption("--bench"))
        return reporting.run
    return None


def _plan_run(config: pytest.Config) -> PlanRun:
    if config.getoption("--defect") == "":
        raise UsageError("--defect: expected the id of a defect, got nothing")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    options = RunOptions(
        bench=config.getoption("--bench"),
        run_dir=config.getoption("--run-dir") or Path("runs") / stamp,
        seed=config.getoption("--seed"),
        unit_seed=config.getoption("--unit-seed"),
        defect=config.getoption("--defect"),
        clock=config.getoption("--clock"),
        engineering=config.getoption("--engineering"),
    )
    return PlanRun(options, config, _all_requirements(config))


@pytest.fixture
def bench(request: pytest.FixtureRequest, rig_run: PlanRun | DryRun) -> Iterator[Bench]:
    """Give the bench; skip while a broken one does not answer as a whole again."""
    with _testing(request, rig_run):
        assert isinstance(rig_run.bench, Bench)  # tests for the other kind were deselected
        yield rig_run.bench


@pytest.fixture
def offboard(request: pytest.FixtureRequest, rig_run: PlanRun | DryRun) -> Iterator[OffboardBench]:
    """Give a bench whose unit is an off-board V2H box, as ``bench`` does."""
    with _testing(request, rig_run):
        assert isinstance(rig_run.bench, OffboardBench)  # tests for the other kind were deselected
        yield rig_run.bench


@contextmanager
def _testing(request: pytest.FixtureRequest, run: PlanRun | DryRun) -> Iterator[None]:
    """Begin a test; at its end there is no power that it has left on."""
    run.start_test(cast("pytest.Item", request.node))
    reason = run.still_broken()
    if reason:
        pytest.skip(f"{NOT_TESTED}: {reason}")
    before = run.bench.safety.energised
    yield
    if run.bench.safety.energised and not before:
        if failures := run.bench.make_safe():
            raise ExceptionGroup("a bench left energised could not be made safe", failures)
        raise UsageError(
            f"{request.node.nodeid}: left the bench energised; expected"
            " `with bench.energised():`, whose end ends it; the bench was made safe"
        )


@pytest.fixture(params=("A", "B", "C"))
def socket(request: pytest.FixtureRequest) -> SocketName:
    """Every socket of the unit, one test each."""
    return cast("SocketName", request.param)


@pytest.fixture
def requirement(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Requirement:
    """Give the requirement of the marked test; with several, ask ``requirements``."""
    ids = required(request.node)
    if len(ids) != 1:
        raise UsageError(f"{request.node.nodeid}: expected one marked requirement, it has {ids}")
    return _requirements(pytestconfig, request.node).get(ids[0])


@pytest.fixture
def requirements(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Requirements:
    """Every requirement of the plan's file."""
    return _requirements(pytestconfig, request.node)


@pytest.fixture
def limits(requirement: Requirement) -> Mapping[str, Limit]:
    """Give the limits of the marked requirement, by quantity."""
    return requirement.limits


@pytest.fixture
def capture(bench: Bench) -> Callable[..., object]:
    """Capture a socket: short for ``bench.capture``."""
    return bench.capture


@pytest.fixture
def verify(
    request: pytest.FixtureRequest, rig_run: PlanRun | DryRun, pytestconfig: pytest.Config
) -> Callable[..., object]:
    """Judge a measurement by the limit of the marked requirement; see ``Verifier.verify``."""
    item = cast("pytest.Item", request.node)
    requirements = _requirements(pytestconfig, item)
    marked = [requirements.get(each) for each in required(item)]
    engineering = bool(pytestconfig.getoption("--engineering"))
    verifier = Verifier(marked, rig_run.recorder, item.nodeid, engineering=engineering)
    if not pytestconfig.getoption("--dry-run"):  # there are no verdicts on made-up answers
        item.stash[Verifier.KEY] = verifier
    return verifier.verify


def _requirements(config: pytest.Config, item: pytest.Item) -> Requirements:
    """Return the requirement file of a plan: given, or the nearest one above the test."""
    path = config.getoption("--requirements") or _nearest(item.path)
    known = config.stash[_REQUIREMENTS]
    if path not in known:
        known[path] = load_requirements(path)
    return known[path]


def _all_requirements(config: pytest.Config) -> list[Requirement]:
    """Return every requirement of every file that the plans use."""
    files = config.stash[_REQUIREMENTS].values()
    return [each for file in files for each in file.by_id.values()]


def _nearest(test: Path) -> Path:
    for folder in test.parents:
        if (candidate := folder / "requirements.yaml").is_file():
            return candidate
    raise UsageError(f"{test}: expected a requirements.yaml in its folder or above, found none")
