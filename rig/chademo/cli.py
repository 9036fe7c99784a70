"""``rig chademo check``: judge the CHAdeMO sessions of a CAN log."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from instruments.errors import UsageError
from rig.chademo.check import LogReport, check_log
from rig.chademo.views import as_data, as_text

__all__ = ["register"]


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``rig chademo`` to the ``rig`` command."""
    chademo = subparsers.add_parser("chademo", help="judge captured CHAdeMO sessions")
    actions = chademo.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser(
        "check",
        help="find the sessions of a CAN log and judge periods, order, deadlines, ramps and values",
        description="Exit code 0: every session kept to the rules; 1: one did not, could not be"
        " judged, or there is none; 2: the log cannot be read.",
        epilog="example: rig chademo check session.log --json session.json --png session.png",
    )
    check.add_argument(
        "log", metavar="LOG", type=Path, help="candump, SavvyCAN CSV, Vector ASC or BLF, PEAK TRC"
    )
    check.add_argument("--json", type=Path, metavar="OUT", help="also write the report as JSON")
    check.add_argument(
        "--png", type=Path, metavar="OUT", help="also draw it, one file a session (OUT-2 ...)"
    )
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    if options.png and find_spec("matplotlib") is None:
        raise UsageError("--png needs matplotlib: pip install 'outlet-rig[plots]'")
    report = check_log(options.log)
    sys.stdout.write(as_text(report))
    if options.json:
        with _written(options.json):
            options.json.write_text(json.dumps(as_data(report), indent=2) + "\n", encoding="utf-8")
    if options.png:
        _draw(report, options.png)
    return 0 if report.verdict.held else 1


def _draw(report: LogReport, out: Path) -> None:
    from rig.chademo.views.plot import draw_session  # matplotlib is optional and slow to load

    if not report.sessions:
        sys.stderr.write(f"rig: {out}: not drawn, there is no session\n")
    for number, session in enumerate(report.sessions, 1):
        path = out if number == 1 else out.with_stem(f"{out.stem}-{number}")
        with _written(path):
            draw_session(session, path, title=f"{Path(report.log).name}, session {number}")


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
