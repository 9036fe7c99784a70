"""The book of the plan tells of the plan as it is."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from instruments.errors import UsageError
from rig.measure import load_requirements
from rig.plan_book import BookTest, table, troubles, with_table

FILE = """
unit: a unit
version: "1"
requirements:
  - id: R-LID-01
    title: Lid
    text: It opens.
    version: "1"
    source: this test
    rationale: none
    limits:
      trip_time: {unit: s, max: 0.5, kind: trip_time}
      falls: {unit: "1", max: 0, kind: count, rule: simple_acceptance}
"""
BOOK = """# Book
<!-- table of the plan: begin -->
<!-- table of the plan: end -->
R-LID-01 is opened.
## Not covered
R-MET-01.
## More
"""
LID = BookTest("test_lid.py", "it opens", ("R-LID-01",), 90.0, False, 4)


@pytest.fixture
def requirements(tmp_path):
    path = tmp_path / "requirements.yaml"
    path.write_text(FILE)
    return load_requirements(path)


def book_of(tests, requirements):
    return with_table(BOOK, table(tests, requirements))


def test_the_book_tells_of_the_plan_as_it_is():
    """Where this fails: ``make plan-book``, and a line by hand for a new requirement."""
    check = [sys.executable, "-m", "rig.plan_book", "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_a_row_says_limits_tests_and_time(requirements):
    (row,) = table([LID], requirements).splitlines()[2:]
    assert "R-LID-01 Lid" in row
    assert "trip time: at most 0.5 s<br>falls: at most 0 (simple acceptance)" in row
    assert "`test_lid.py` it opens (4)" in row
    assert row.endswith("| 6.0 min |")


def test_a_book_of_the_plan_has_no_troubles(requirements):
    assert troubles(book_of([LID], requirements), [LID], requirements) == []


@pytest.mark.parametrize(
    ("tests", "trouble"),
    [
        ([replace(LID, cases=5)], "the table is not that of the plan"),
        ([], "R-LID-01: in the file, but no test"),
        ([LID, replace(LID, requirements=("R-SC-01",))], "says nothing of R-SC-01"),
        ([LID, replace(LID, requirements=("R-MET-01",))], "R-MET-01 is covered by now"),
    ],
)
def test_a_plan_that_has_changed_is_a_trouble(requirements, tests, trouble):
    found = troubles(book_of([LID], requirements), tests, requirements)
    assert any(trouble in each for each in found)


def test_a_requirement_that_is_neither_covered_nor_said_not_to_be_is_a_trouble(requirements):
    book = book_of([LID], requirements) + "R-END-01 too.\n"
    assert any("R-END-01 is not covered" in t for t in troubles(book, [LID], requirements))


def test_a_book_without_a_place_for_the_table_is_an_error():
    with pytest.raises(UsageError, match="expected the table between"):
        with_table("# Book", "| table |")


def test_the_manual_leads_to_the_book():
    assert "plans.md" in Path("docs/README.md").read_text()
