"""``rig safe``: make a bench safe from anywhere, with connections of its own and no drivers."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rig.bench.guard_steps import guard_links
from rig.bench.model import BenchFile
from rig.guardian.safe import make_safe
from rig.session import DEFAULT_BENCH
from rig.signals import undisturbed
from rig.yaml_lines import load_model

__all__ = ["register", "safe"]


def register(commands: Any) -> None:  # noqa: ANN401  # argparse has no public type for it
    """Add the command."""
    parser = commands.add_parser(
        "safe",
        help="switch off everything on a bench, whoever holds it, and say what happened",
        description="Run the safe state of a bench file by the guardian's literal bytes. Needs no"
        " lock: it works beside a run that hangs. No signal but SIGKILL ends it half way.",
        epilog="example: rig safe benches/example-lab.yaml",
    )
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT_BENCH)
    parser.set_defaults(run=_run)


def safe(spec: BenchFile, addresses: Mapping[str, str], say: Callable[[str], None]) -> bool:
    """Run the safe state step by step; return whether every box answered that it is off."""
    return make_safe(guard_links(spec, addresses), say)


def _run(options: argparse.Namespace) -> int:
    # What else may be wrong with the file must not keep its bench on.
    spec = load_model(options.file, BenchFile)
    with undisturbed():
        if spec.is_virtual:
            return 0 if _on_simulated_boxes(spec, _say) else 1
        addresses = {role: each.link.address for role, each in spec.roles.items()}
        return 0 if safe(spec, addresses, _say) else 1


def _say(text: str) -> None:
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError:  # nobody reads any more; what is left to be said goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _on_simulated_boxes(spec: BenchFile, say: Callable[[str], None]) -> bool:
    """Try the steps on boxes simulated for the occasion: those of a run are inside that run."""
    from rig.virtual.bench import VirtualBench  # big, and never needed on a real bench

    say(f"bench {spec.name!r} is simulated: trying its steps on boxes made for it")
    bench = VirtualBench(spec)
    outcome: list[bool] = []

    def work() -> None:
        try:
            outcome.append(safe(spec, bench.addresses, say))
        finally:
            ended.set()
            bench.hub.wake()

    ended = threading.Event()
    worker = threading.Thread(target=work, daemon=True)
    try:
        worker.start()
        bench.hub.serve_until(ended.is_set)
        worker.join()
    finally:
        bench.close()
    return bool(outcome and outcome[0])
