"""The ``rig`` command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from instruments.errors import BenchError, UsageError
from rig.bench.check import Finding, check_roles, table, unfitted
from rig.bench.latch import latch_of
from rig.bench.model import BenchFile
from rig.bench.watchdog_trial import WatchdogTrial, try_watchdogs, watchdog_table
from rig.qualify.cli import register as add_qualify
from rig.safe import register as add_safe
from rig.session import DEFAULT_BENCH, load_bench, open_bench, seed_number

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when it held, 1 when it fell short, 2 for wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        print(f"rig: {error}", file=sys.stderr)
        return 2
    except (BenchError, OSError) as error:
        print(f"rig: {error}", file=sys.stderr)
        return 1
    except ExceptionGroup as group:
        for each in group.exceptions:
            print(f"rig: {each}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    """Takes options by their whole names: one that is nearly another's must not act as that."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # argparse's own
        super().__init__(**options, allow_abbrev=False)


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(
        prog="rig", description="Work with test benches for EV power-outlet controllers."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_bench(commands)
    _add_serve(commands)
    add_safe(commands)
    add_qualify(commands)
    for point in sorted(entry_points(group="rig.commands"), key=lambda each: each.name):
        point.load()(commands)
    return parser


def _add_bench(commands: Any) -> None:  # noqa: ANN401  # argparse has no public type for it
    bench = commands.add_parser("bench", help="check, show or describe a bench file")
    actions = bench.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser(
        "check",
        help="validate a bench file, connect to every box and identify it",
        epilog="example: rig bench check benches/virtual.yaml",
    )
    check.add_argument("file", nargs="?", type=Path, default=DEFAULT_BENCH)
    check.add_argument(
        "--watchdogs",
        action="store_true",
        help="also let each watchdog run out on purpose, at zero volts, and measure its time",
    )
    check.set_defaults(run=_check)
    show = actions.add_parser(
        "show",
        help="print a bench file as it is understood",
        epilog="example: rig bench show benches/example-lab.yaml",
    )
    show.add_argument("file", nargs="?", type=Path, default=DEFAULT_BENCH)
    show.set_defaults(run=_show)
    reset = actions.add_parser(
        "reset",
        help="clear a safety trip, after looking after the bench",
        description="A trip keeps a bench from being energised until a person has seen to its"
        " cause. The next energising looks at every condition again.",
        epilog="example: rig bench reset benches/example-lab.yaml",
    )
    reset.add_argument("file", nargs="?", type=Path, default=DEFAULT_BENCH)
    reset.set_defaults(run=_reset)
    schema = actions.add_parser(
        "schema",
        help="print the JSON Schema of bench files",
        epilog="example: rig bench schema > bench.schema.json",
    )
    schema.set_defaults(run=_schema)


def _add_serve(commands: Any) -> None:  # noqa: ANN401
    serve = commands.add_parser(
        "serve",
        help="run the virtual bench as a process of its own, in wall time, for other clients",
        epilog="example: rig serve benches/virtual.yaml --json addresses.json",
    )
    serve.add_argument("file", nargs="?", type=Path, default=DEFAULT_BENCH)
    serve.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="also write the addresses to this file, whole, once every box answers",
    )
    serve.add_argument(
        "--bench-file",
        type=Path,
        metavar="FILE",
        help="also write a bench file with these addresses, for rig and pytest",
    )
    serve.add_argument(
        "--truth",
        type=Path,
        metavar="FILE",
        help="write what is on, closed and live to this file, a line of JSON at each change",
    )
    serve.add_argument(
        "--control",
        action="store_true",
        help="offer a port where links are broken: 'stick ROLE', 'mend ROLE', 'cut ROLE'",
    )
    serve.add_argument("--seed", type=seed_number, default=0, help="noise and relay times")
    serve.add_argument("--unit-seed", type=seed_number, default=0, help="the unit's tolerances")
    serve.add_argument("--defect", metavar="ID", help="give the unit this seeded defect")
    serve.add_argument(
        "--faults", type=Path, metavar="FILE", help="put the link faults of this YAML file to work"
    )
    serve.add_argument(
        "--portmapper",
        metavar="ROLE",
        help="let clients find this VXI-11 role through port 111 (needs the right to bind it)",
    )
    serve.set_defaults(run=_serve)


def _check(options: argparse.Namespace) -> int:
    bench = load_bench(options.file)
    findings: list[Finding] = []
    trials: list[WatchdogTrial] = []
    try:
        with open_bench(bench, options.file) as opened:
            today = opened.clock.utc().date()
            findings += check_roles(bench, opened.roles, opened.addresses, today)
            if options.watchdogs and all(finding.sound for finding in findings):
                trials += try_watchdogs(bench, opened.roles, opened.clock)
    except ExceptionGroup:
        if all(finding.sound for finding in findings):
            raise  # a box that does not answer cannot be closed either, and is in the table
    print(table(findings))
    unsound = [finding.role for finding in findings if not finding.sound]
    if unsound:
        print(f"\n{len(unsound)} of {len(findings)} roles are not sound: {', '.join(unsound)}")
        return 1
    print(f"\nall {len(findings)} roles answer")
    if missing := unfitted(bench):
        print(f"this bench has no {', no '.join(missing)}")
    if options.watchdogs:
        print(f"\n{watchdog_table(trials)}")
    return 0 if all(trial.sound for trial in trials) else 1


def _show(options: argparse.Namespace) -> int:
    print(load_bench(options.file).model_dump_json(indent=2, exclude_none=True))
    return 0


def _reset(options: argparse.Namespace) -> int:
    bench = load_bench(options.file)
    trip = latch_of(bench.name).reset()
    print(f"bench {bench.name!r}: " + (f"cleared {trip}" if trip else "no trip is latched"))
    return 0


def _schema(_options: argparse.Namespace) -> int:
    print(json.dumps(BenchFile.model_json_schema(), indent=2))
    return 0


def _serve(options: argparse.Namespace) -> int:
    # The simulation is big and needs ptys: other commands (on Windows too) never import it.
    from rig.virtual.serve import ServeOptions, serve

    return serve(
        load_bench(options.file),
        ServeOptions(
            seed=options.seed,
            unit_seed=options.unit_seed,
            defect=options.defect,
            faults=options.faults,
            json=options.json,
            bench_file=options.bench_file,
            truth=options.truth,
            control=options.control,
            portmapper=options.portmapper,
        ),
        say=partial(print, flush=True),
    )
