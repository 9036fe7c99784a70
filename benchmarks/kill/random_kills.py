"""Kill a plan at random times: off each time, the lock free, and the next run starts."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kill.served import Served, serving
from benchmarks.kill.subject import Subject, ours
from benchmarks.kill.truth import await_off
from rig.bench.lock import hold_bench
from rig.session import load_bench

__all__ = ["Kill", "kill_at_random"]

_EARLIEST_S, _LATEST_S = 1.0, 9.0
"""After the start of the process: from importing, over energising, to the loaded bench."""
_LOADED_S = 3.0
"""Each other kill comes within so long after the load is on, however slow the machine is."""
_OFF_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill."""

    after_s: float
    was_on: bool
    off_s: float | None
    """From the kill until everything was off; None: something is still on."""


def kill_at_random(
    count: int, seed: int, folder: Path, say: Callable[[str], None] = lambda _: None
) -> list[Kill]:
    """Kill ``count`` runs on one served bench; raises when a later run does not start."""
    rng = random.Random(seed)
    with serving(folder / "bench") as served:
        kills = []
        for n in range(count):
            subject = Subject(served, folder / f"subject-{n}", ours, "wait")
            kills.append(_kill(served, subject, rng, loaded=n % 2 == 0))
            say(f"  {n + 1:3} {kills[-1]}")
        _run_to_its_end(served, folder / "last")
    return kills


def _kill(served: Served, subject: Subject, rng: random.Random, *, loaded: bool) -> Kill:
    began_s = time.monotonic()
    try:
        if loaded:
            subject.energised()
        # The time of the kill is what is tried: any, not one that something else would tell.
        time.sleep(rng.uniform(0.0, _LOADED_S) if loaded else rng.uniform(_EARLIEST_S, _LATEST_S))
        assert subject.process.poll() is None, subject.output()
        last = served.truth()[-1]
        killed_s = time.monotonic()
        os.kill(subject.process.pid, signal.SIGKILL)
        off = await_off(served, killed_s, _OFF_WITHIN_S)
    finally:
        subject.end()
    spec = load_bench(served.bench_file)
    with hold_bench(spec, {role: each.link.address for role, each in spec.roles.items()}):
        pass
    was_on = last["supply_on"] or last["contactors_closed"]
    return Kill(killed_s - began_s, was_on, off.all_s)


def _run_to_its_end(served: Served, folder: Path) -> None:
    subject = Subject(served, folder, ours, "pass")
    try:
        code = subject.process.wait(60.0)
        assert code == 0, subject.output()
    finally:
        subject.end()
