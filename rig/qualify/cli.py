"""The options of ``rig qualify``."""

from __future__ import annotations

import argparse
from pathlib import Path

from rig.session import seed_number

__all__ = ["register"]

_SILENCE_S = 300.0


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``rig qualify`` to the ``rig`` command."""
    command = subparsers.add_parser(
        "qualify",
        help="run the plan against seeded defects and healthy units, and print what was caught",
        description="Each seeded defect must be caught by a test of its own requirement, and a"
        " healthy unit must not fail. Exits 0 when that holds, 1 when it fell short, 2 for wrong"
        " usage.",
        epilog="example: rig qualify testplans --healthy 5 --json matrix.json --html matrix.html",
    )
    _add_choice(command)
    _add_output(command)
    command.set_defaults(run=_run)


def _add_choice(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "plan",
        nargs="*",
        default=["testplans"],
        metavar="PLAN",
        help="folders, files or tests of the plan (default: testplans)",
    )
    command.add_argument(
        "--defects",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="take the defects of this Python file instead of the project's (may be repeated)",
    )
    command.add_argument(
        "--defect", action="extend", nargs="+", default=[], metavar="ID", help="only these"
    )
    command.add_argument("--no-defects", action="store_true", help="healthy units only")
    command.add_argument(
        "--healthy", type=_count, default=0, metavar="N", help="run N healthy units too"
    )
    command.add_argument(
        "--shares",
        type=_positive,
        default=1,
        metavar="K",
        help="each healthy unit meets every K-th test, in turn, so that K units meet all",
    )
    command.add_argument(
        "--seed", type=seed_number, default=0, metavar="N", help="noise and relay times"
    )
    command.add_argument(
        "--unit-seed",
        type=seed_number,
        default=0,
        metavar="N",
        help="tolerances of the defective units, and of the first healthy one",
    )
    command.add_argument(
        "--bench",
        action="append",
        type=Path,
        metavar="FILE",
        help="a virtual bench file; of several, each defect is run on the first that has a test"
        " of its requirement (default: virtual.yaml, virtual-it.yaml, virtual-offboard.yaml)",
    )
    command.add_argument(
        "--covered",
        action="store_true",
        help="leave out defects of requirements that the selected tests do not name",
    )
    command.add_argument("-k", dest="keyword", metavar="EXPRESSION", help="as pytest's -k")
    command.add_argument("-m", dest="marker", metavar="EXPRESSION", help="as pytest's -m")


def _add_output(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--all", action="store_true", help="do not stop a defect once it is caught"
    )
    command.add_argument(
        "--jobs", type=_positive, metavar="N", help="worker processes (default: one a core)"
    )
    command.add_argument(
        "--silence",
        type=float,
        default=_SILENCE_S,
        metavar="S",
        help=f"end a worker that is at one test for longer (default: {_SILENCE_S:g} s)",
    )
    command.add_argument("--json", type=Path, metavar="OUT", help="write the matrix as JSON")
    command.add_argument("--html", type=Path, metavar="OUT", help="write it as one HTML page")
    command.add_argument(
        "--runs", type=Path, metavar="DIR", help="keep the records of all runs in this new folder"
    )


def _run(options: argparse.Namespace) -> int:
    # The simulation is big and needs forks: other commands never import it.
    from rig.qualify.command import run_command

    return run_command(options)


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"expected 0 or more, got {value}")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {value}")
    return value
