"""Kill an energised plan in every way; print what was off, when, by the truth of the bench.

The same trial with plain pytest fixtures and, with ``--peers``, with other tools, which are
installed into environments of their own in a folder (``--environments``, else a new one).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.kill.others import PEERS, interpreter, peer, rows_for_others
from benchmarks.kill.rows import ROWS, Row
from benchmarks.kill.subject import Command, ours
from benchmarks.kill.trial import Outcome, run_rows, table

_OTHERS_LONGEST_S = 4.0


def main() -> int:
    """Return 0 when this rig was off in time in every row."""
    options = _options()
    wanted = set(options.rows or [row.name for row in ROWS])
    with tempfile.TemporaryDirectory(prefix="kill-") as temporary:
        folder = Path(temporary)
        rows = [row for row in ROWS if row.name in wanted]
        own = _run("this rig", ours, rows, folder / "ours", 12.0)
        others = {}
        rows = [row for row in rows_for_others() if row.name in wanted]
        for name in PEERS if options.peers else ("plain",):
            python = interpreter(name, options.environments or folder)
            if python is None:
                print(f"{name}: does not install here")
                continue
            others[name] = _run(name, peer(name, python), rows, folder / name, _OTHERS_LONGEST_S)
    print(f"\nthis rig\n{table(own)}\n\n{_side_by_side(own, others)}")
    for each in own:
        if not each.in_time:
            print(f"--- {each.row.name}:\n{each.output[-3000:]}")
    return 0 if all(each.in_time for each in own) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="*", help="only these")
    parser.add_argument("--peers", action="store_true", help="also with other tools")
    parser.add_argument("--environments", type=Path, metavar="DIR", help="where those are kept")
    return parser.parse_args()


def _run(
    name: str, command: Command, rows: list[Row], folder: Path, longest_s: float
) -> list[Outcome]:
    print(name, flush=True)
    return run_rows(
        rows, command, folder, longest_s=longest_s, say=lambda text: print(text, flush=True)
    )


def _side_by_side(own: list[Outcome], others: dict[str, list[Outcome]]) -> str:
    """Return one column a tool: seconds until output and contactors were off, or what is on."""
    columns = {"this rig": own, **others}
    lines = ["output and contactors off, s after the event"]
    lines.append("".join([f"{'event':34}", *(f"{name:>15}" for name in columns)]))
    for row in own:
        cells = [_cell(row.row.name, outcomes) for outcomes in columns.values()]
        lines.append("".join([f"{row.row.name:34}", *(f"{cell:>15}" for cell in cells)]))
    return "\n".join(lines)


def _cell(name: str, outcomes: list[Outcome]) -> str:
    found = next((each for each in outcomes if each.row.name == name), None)
    if found is None:
        return "-"
    if found.off is None:
        return "failed"
    times = (found.off.contactors_s, found.off.output_s)
    on = [what for what, t in zip(("contactors", "output"), times, strict=True) if t is None]
    if len(on) == len(times):
        return "ON"
    return f"{on[0]} ON" if on else f"{max(t for t in times if t is not None):.2f}"


if __name__ == "__main__":
    sys.exit(main())
