"""Whatever happens to an energised plan, the bench is off afterwards, and in time.

The bench is a served one, in wall time; what is off when is told by its own truth.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

if sys.platform == "win32":
    pytest.skip("served benches need pseudo-terminals", allow_module_level=True)

from benchmarks.kill.rows import ROWS, Row
from benchmarks.kill.subject import ours
from benchmarks.kill.trial import BOUNDS_S, run_rows, table

pytestmark = pytest.mark.wall_clock

AT_ONCE = 4
"""A trial waits far more than it works."""
SERIES_FIRST = sorted(ROWS, key=lambda row: row.spoils)
"""Rows that leave their bench usable come first in each group."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory, show_at_the_end, random_kills):
    """Run all rows once, some side by side, each group on a bench of its own."""
    random_kills()
    folder = tmp_path_factory.mktemp("kill")
    groups = [SERIES_FIRST[n::AT_ONCE] for n in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [
            pool.submit(run_rows, group, ours, folder / f"group-{n}")
            for n, group in enumerate(groups)
        ]
        found = {each.row.name: each for run in runs for each in run.result()}
    show_at_the_end(table([found[row.name] for row in ROWS]))
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_everything_is_off(outcomes, row: Row):
    outcome = outcomes[row.name]
    assert outcome.off is not None, outcome.output
    assert outcome.off.all_s is not None, f"still on: {outcome.off}\n{outcome.output}"


@pytest.mark.parametrize(
    "row", [row for row in ROWS if BOUNDS_S[row.bound]], ids=lambda row: row.name
)
def test_it_is_off_in_time(outcomes, row: Row):
    off = outcomes[row.name].off
    assert off is not None
    assert off.all_s <= BOUNDS_S[row.bound], off
