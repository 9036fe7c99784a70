"""``rig report``: Allure results, one HTML file and a table, from the folder of a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reports.allure_files import write_results
from reports.allure_tool import NoAllureError, find_allure
from reports.html import make_html
from reports.summary import summary_table
from rig.recording import Record

__all__ = ["register"]


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``rig report`` to the ``rig`` command."""
    command = subparsers.add_parser(
        "report",
        help="make the report of a run from its record, at any time, also of a crashed run",
        epilog="example: rig report runs/20260101T000000Z",
    )
    command.add_argument("run_folder", metavar="RUN", type=Path, help="folder of the run")
    command.add_argument("--html", type=Path, metavar="PATH", help="default: RUN/report.html")
    command.add_argument(
        "--allure-results", type=Path, metavar="DIR", help="default: RUN/allure-results"
    )
    command.add_argument("--no-html", action="store_true", help="write the Allure results only")
    command.add_argument(
        "--requirement-link", metavar="URL", help="a requirement's page, {} standing for its id"
    )
    command.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> int:
    run: Path = options.run_folder
    results = options.allure_results or run / "allure-results"
    with Record(run) as record:
        write_results(record, results, requirement_link=options.requirement_link)
        _say(summary_table(record))
    _say("")
    _say(f"Allure results: {results}")
    if not options.no_html:
        _html(results, options.html or run / "report.html", f"Outlet controller, {run.name}")
    return 0


def _html(results: Path, html: Path, name: str) -> None:
    try:
        make_html(find_allure(_say), results, html, name=name)
    except NoAllureError as error:
        _say(f"no HTML report was made: {error}")
        return
    _say(f"report: {html}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
