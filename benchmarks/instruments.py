"""What links, drivers and simulated boxes cost, beside bare libraries and other people's drivers.

Run with ``python -m benchmarks.instruments [--repetitions N] [--environments DIR]`` on Linux.
Everything is paired: both sides talk to the same kind of server in one run, by turns; see
``benchmarks/paired.py`` for how ratio and interval come about. Peers are installed into
environments of their own; one that does not install is said to be missing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.boxes import pairs, peers
from benchmarks.boxes.simulated import asked_by_sockets
from benchmarks.paired import HEAD, Pair, compare, interval, row, timed
from instruments.clock import WallClock
from instruments.links import RealWires, Together

_TURNAROUND_S = 0.010
_SETS = 50
_IMPORTS = 10
_PAIRS: tuple[tuple[str, Callable[[], AbstractContextManager[Pair]], str], ...] = (
    ("query: our link / PyVISA", pairs.query, "<= 1.06"),
    ("measure: our driver / PyVISA, text", pairs.reading, ""),
    ("set and verify: our driver / compound line", pairs.setting, "<= 1.15"),
    ("Modbus block of 40: our link / pymodbus", pairs.modbus_block, "<= 1.05"),
)


def main() -> None:
    """Print the tables."""
    options = _options()
    repetitions: int = options.repetitions
    print(f"{repetitions} repetitions; our side keeps a transcript")
    with _environments(options.environments) as folder:
        pythons = {name: peers.interpreter(folder, name) for name in peers.QUERY_PEERS}
        all_cores = os.sched_getaffinity(0)
        for arrangement, cores in (("client and server on one core", {min(all_cores)}),
                                   ("on all cores", all_cores)):  # fmt: skip
            os.sched_setaffinity(0, cores)
            print(f"\n{arrangement}\n{HEAD}")
            _links(repetitions, pythons)
        _slow_lines(repetitions)
        _simulated(repetitions, peers.interpreter(folder, "sinstruments"))
        _eight_boxes()
        _imports(_found(pythons))


def _links(repetitions: int, pythons: dict[str, Path | None]) -> None:
    for name, opening, target in _PAIRS:
        _say(row(name, [compare(opening()) for _ in range(repetitions)], target))
    for name, python in pythons.items():
        if python is None:
            _say(f"query: {name} / PyVISA: missing; pip install {name} does not work here")
            continue
        _say(row(f"query: {name} / PyVISA", peers.query_medians(python, name, repetitions)))


def _slow_lines(repetitions: int) -> None:
    print(f"\nserial lines and blocks\n{HEAD}")
    few = max(repetitions // 4, 3)
    for peer in ("async", "sync"):
        opening = partial(pairs.serial_rtu, peer=peer)
        medians = [compare(opening(), rounds=20, warm_up=20) for _ in range(few)]
        _say(row(f"serial RTU block of 40: our link / pymodbus {peer}", medians))
    medians = [compare(pairs.block(), rounds=6, calls=1, warm_up=1) for _ in range(few)]
    _say(row("block of 16 MB: our link / PyVISA", medians))


def _simulated(repetitions: int, python: Path | None) -> None:
    print(f"\nsimulated boxes, asked by raw sockets; the ratio is that of the times\n{HEAD}")
    if python is None:
        _say("sinstruments: missing; pip install sinstruments does not work here")
        return
    few = max(repetitions // 4, 3)
    for question in (b"*IDN?", b"MEAS:VOLT:RMS?"):
        medians = [compare(asked_by_sockets(python, question)) for _ in range(few)]
        name = f"{question.decode()}: our IT8600 / sinstruments"
        _say(row(name, medians, "<= 1.67 (0.6 of the rate)" if question == b"*IDN?" else ""))


def _eight_boxes() -> None:
    clock = WallClock()
    with (
        pairs.eight_boxes_links(_TURNAROUND_S) as links,
        Together(RealWires(clock)) as together,
    ):
        calls = {name: partial(link.query, "MEAS?") for name, link in links.items()}
        together.run(calls)
        sets = [timed(lambda: together.run(calls)) for _ in range(_SETS)]
    clock.close()
    low, high = interval(sets)
    _say(
        f"\neight boxes of {_TURNAROUND_S * 1e3:.0f} ms, read side by side: a full set in"
        f" {statistics.median(sets) * 1e3:.2f} ms ({low * 1e3:.2f} to {high * 1e3:.2f}),"
        f" slowest of {_SETS} {max(sets) * 1e3:.2f} ms; <= 15 ms"
    )


def _imports(pythons: Mapping[str, Path]) -> None:
    """Time the package, then it with its links and a driver; of each peer what a driver needs."""
    own = Path(sys.executable)
    modules = [("instruments", own, "; <= 250 ms")]
    modules.append(("instruments.links, instruments.keysight_rp7900", own, ""))
    modules += [(peers.DRIVER_MODULES[name], python, "") for name, python in pythons.items()]
    print()
    for module, python, target in modules:
        peers.importing_s(python, module)
        times = [peers.importing_s(python, module) for _ in range(_IMPORTS)]
        low, high = interval(times)
        _say(
            f"import {module}: {statistics.median(times) * 1e3:.0f} ms"
            f" ({low * 1e3:.0f} to {high * 1e3:.0f}){target}"
        )


def _found(pythons: dict[str, Path | None]) -> dict[str, Path]:
    return {name: python for name, python in pythons.items() if python is not None}


def _say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def _environments(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="peers-") as temporary:
        yield Path(temporary)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--environments", type=Path, metavar="DIR", help="where peers are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
