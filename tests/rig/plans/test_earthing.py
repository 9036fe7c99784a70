"""A plan runs the suite of the earthing that the bench file declares, and never the other."""

from pathlib import Path

import pytest

import rig.virtual.bench  # noqa: F401  # imported here once, not by every plan's run anew

ROOT = Path(__file__).parents[3]
REQUIREMENTS = (ROOT / "testplans" / "requirements.yaml").read_text()
FLOATING = str(ROOT / "benches" / "virtual-it.yaml")

PLAN = """
import pytest
from rig.bench.faults_residual import alternating
from rig.bench.residual import ResidualCurrent

@pytest.mark.earthing("tn")
@pytest.mark.requirement("R-RCD-04")
def test_rcd(bench): ...

@pytest.mark.earthing("it")
@pytest.mark.requirement("R-ISO-02")
def test_floating(bench): ...

@pytest.mark.requirement("R-RCD-04")
def test_unmarked(bench, requirement):
    ResidualCurrent(bench, "A", requirement, alternating(0.15, 230.0))
"""


@pytest.fixture
def plan(pytester, monkeypatch):
    monkeypatch.chdir(pytester.path)
    pytester.makefile(".yaml", requirements=REQUIREMENTS)
    pytester.makepyfile(test_plan=PLAN)

    def run(*options):
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-rs", "--dry-run", *options)

    return run


def test_tests_of_the_other_earthing_are_not_tested(plan):
    result = plan("-k", "not unmarked", "--bench", FLOATING)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*SKIPPED*NOT TESTED: for earthing 'tn'*declares 'it'*"])
    result = plan("-k", "not unmarked")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*SKIPPED*NOT TESTED: for earthing 'it'*declares 'tn'*"])


def test_asking_for_the_other_suite_alone_is_a_mistake(plan):
    result = plan("-k", "rcd", "--bench", FLOATING)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*every selected test is for earthing 'tn'*another suite*"])


def test_a_test_without_the_marker_is_broken_not_failed(plan):
    result = plan("-k", "unmarked", "--bench", FLOATING)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*unit.earthing is 'it', and this test is for 'tn'*"])


def test_a_marker_with_another_word_is_named(plan, pytester):
    pytester.makepyfile(test_plan=PLAN.replace('earthing("it")', 'earthing("tt")'))
    result = plan()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_floating: marker earthing: expected 'tn' or 'it'*'tt'*"])
