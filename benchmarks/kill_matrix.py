"""Kill an energised plan in every way; print what was off, when, by the truth of the bench.

``--rows`` names some of the rows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.kill.rows import ROWS
from benchmarks.kill.subject import ours
from benchmarks.kill.trial import run_rows, table


def main() -> int:
    """Return 0 when this rig was off in time in every row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="*", default=[row.name for row in ROWS])
    options = parser.parse_args()
    rows = [row for row in ROWS if row.name in options.rows]
    with tempfile.TemporaryDirectory(prefix="kill-") as folder:
        print("this rig")
        outcomes = run_rows(rows, ours, Path(folder) / "ours", say=lambda t: print(t, flush=True))
    print()
    print(table(outcomes))
    for each in outcomes:
        if not each.in_time:
            print(f"--- {each.row.name}:\n{each.output[-3000:]}")
    return 0 if all(each.in_time for each in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
