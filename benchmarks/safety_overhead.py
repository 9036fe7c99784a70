"""What safety costs a plan: the same plan on the same bench with everything and without, by turns.

Run with ``python -m benchmarks.safety_overhead [--repetitions N]`` on Linux. Without means: no
envelopes, no interlock, no supervision, no watchdogs of instruments, no guardian; contactors and
safe state stay, a plan without them would leave power on. Once in virtual time, by the
processor's time, where every microsecond of ours counts; and once in wall time on a bench served by
a process of its own, as on a real one. Then how long it takes until a guardian stands by.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.kill.served import serving
from benchmarks.paired import HEAD, Pair, compare, interval, row
from instruments.clock import WallClock
from rig.bench import Bench, Journal
from rig.bench.guard import guarded
from rig.bench.model import BenchFile
from rig.recording import Recorder
from rig.session import DEFAULT_BENCH, OpenBench, load_bench, open_bench

_HOLD_S, _LOOK_S = 600.0, 1.0
_WALL_HOLD_S = 3.0
_STARTS = 10
_numbers = count()
Plan = Callable[[Bench], None]


def main() -> None:
    """Print the ratios and the start."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=5)
    repetitions: int = parser.parse_args().repetitions
    with tempfile.TemporaryDirectory(prefix="overhead-") as temporary:
        folder = Path(temporary)
        print(f"{'':18}ours = with safety, bare = without\n{HEAD}")
        for name, plan in _PLANS.items():
            opening = partial(_in_virtual_time, folder, partial(plan, hold_s=_HOLD_S))
            _say(f"virtual time, {name}", opening, repetitions, rounds=10, now=process_time)
        with serving(folder / "served") as served:
            for name, plan in _PLANS.items():
                quick = partial(plan, hold_s=_WALL_HOLD_S)
                opening = partial(_in_wall_time, folder, served.bench_file, quick)
                _say(f"wall time, {name}", opening, repetitions, rounds=4, now=perf_counter)
        _start(folder)


def _say(
    name: str,
    opening: Callable[[], Iterator[Pair]],
    repetitions: int,
    *,
    rounds: int,
    now: Callable[[], float],
) -> None:
    opened = contextmanager(opening)
    medians = [
        compare(opened(), rounds=rounds, calls=1, warm_up=1, now=now) for _ in range(repetitions)
    ]
    print(row(name, medians, "<= 1.03"), flush=True)


def _in_virtual_time(folder: Path, plan: Plan) -> Iterator[Pair]:
    """Yield the plan on a bench of its own each."""
    spec = load_bench(DEFAULT_BENCH)
    with (
        _bench(spec, DEFAULT_BENCH, folder) as (safe, _),
        _bench(_without_safety(spec), DEFAULT_BENCH, folder) as (bare, _),
    ):
        yield Pair(partial(plan, safe), partial(plan, bare))


def _in_wall_time(folder: Path, file: Path, plan: Plan) -> Iterator[Pair]:
    """Yield the plan on one bench, held once: what is checked there takes no time of the wall."""
    spec = load_bench(file)
    with _bench(spec, file, folder) as (safe, opened):
        recorder = Recorder(_new(folder), opened.clock)
        bare = Bench(
            _without_safety(spec), str(file), opened.roles, opened.clock, Journal(recorder)
        )
        yield Pair(partial(plan, safe), partial(plan, bare))
        recorder.close()


@contextmanager
def _bench(spec: BenchFile, file: Path, folder: Path) -> Iterator[tuple[Bench, OpenBench]]:
    run_dir = _new(folder)
    with open_bench(spec, file) as opened:
        recorder = Recorder(run_dir, opened.clock)
        with guarded(spec, opened.addresses, run_dir, opened.clock, lock=opened.lock) as guard:
            yield (
                Bench(spec, str(file), opened.roles, opened.clock, Journal(recorder), guard),
                opened,
            )
        recorder.close()


def _new(folder: Path) -> Path:
    return folder / f"run-{next(_numbers)}"


def _without_safety(spec: BenchFile) -> BenchFile:
    document = spec.model_dump(exclude_unset=True)
    for key in ("envelope", "bench_envelope", "interlock", "supervision"):
        document.pop(key, None)
    for role in document["roles"].values():
        role.pop("watchdog", None)
    return BenchFile.model_validate(document)


def _settings(bench: Bench, hold_s: float) -> None:
    """Energise, load, step, then look and set each second: a dense exchange of short messages."""
    with bench.energised():
        bench.share_load(3000.0)
        bench.faults.step([("A", 1)], hold_s=1.0)
        end_s = bench.clock.now() + hold_s
        while bench.clock.now() < end_s:
            bench.controller.read_status()
            for load in bench.loads.values():
                load.draw_power(1000.0)
            bench.sleep(_LOOK_S)


def _captures(bench: Bench, hold_s: float) -> None:
    """Energise and load, then capture steps, as most tests of a protection do."""
    with bench.energised():
        bench.share_load(1500.0)
        for _ in range(3):
            with bench.capture("A", 0.3) as wave:
                bench.faults.step([("A", 1)], hold_s=0.1)
            wave.angle_deg()
            bench.sleep(hold_s / 100)


_PLANS: dict[str, Callable[..., None]] = {"dense settings": _settings, "captures": _captures}


def _start(folder: Path) -> None:
    clock = WallClock()
    spec = load_bench(DEFAULT_BENCH)
    step = next(step for step in spec.safe_state if step.role == "load_c")
    one_box = spec.model_copy(update={"safe_state": (step,)})
    nobody = {"load_c": "TCPIP0::127.0.0.1::9::SOCKET"}

    times = []
    for _ in range(_STARTS):
        began_s = perf_counter()
        with guarded(one_box, nobody, folder, clock) as guard:
            assert guard.alive()
            times.append(perf_counter() - began_s)
            guard.made_safe()
    clock.close()
    low, high = interval(times)
    print(
        f"until the guardian answers: {statistics.median(times) * 1e3:.1f} ms"
        f" ({low * 1e3:.1f} to {high * 1e3:.1f}); <= 50 ms"
    )


if __name__ == "__main__":
    main()
