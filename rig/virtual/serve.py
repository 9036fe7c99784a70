"""Run the virtual bench as a process of its own, in wall time, for any client."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from instruments.errors import UsageError
from rig.bench.model import BenchFile
from rig.virtual.bench import VirtualBench
from rig.virtual.control import ControlDevice
from rig.virtual.reaching import examples, table
from rig.virtual.served_file import reachable, served_bench
from rig.virtual.truth_log import TruthLog
from rig.virtual.wires import FaultFile, stream_service
from rig.yaml_lines import read_yaml

__all__ = ["ServeOptions", "serve"]

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_PORTMAPPER_PORT = 111


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line says besides the bench file."""

    seed: int = 0
    unit_seed: int = 0
    defect: str | None = None
    faults: Path | None = None
    """A YAML file with faults of links, by role."""
    json: Path | None = None
    """Where the addresses go once every box answers; a file that is there is removed first."""
    bench_file: Path | None = None
    """Where a bench file with these addresses goes."""
    truth: Path | None = None
    """Where changes of what is on, closed and live go, a line of JSON each."""
    control: bool = False
    """Whether links can be broken from outside while the bench is served."""
    portmapper: str | None = None
    """The VXI-11 role that clients without a port shall find, through port 111."""


def serve(spec: BenchFile, options: ServeOptions, say: Callable[[str], None]) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP; return 0."""
    if not spec.is_virtual:
        raise UsageError(
            f"bench {spec.name!r} has real addresses; expected a bench whose boxes are 'virtual'"
        )
    spec = reachable(spec)
    if options.json is not None:
        options.json.unlink(missing_ok=True)
    with _stopped_by_signals() as stop:
        bench = VirtualBench(
            spec, seed=options.seed, unit_seed=options.unit_seed, defect=options.defect
        )
        with ExitStack() as stack:
            stack.callback(bench.close)
            stack.callback(setattr, stop, "wake", None)
            stop.wake = bench.hub.wake
            if options.truth is not None:
                stack.callback(TruthLog(bench.network, bench.clock, options.truth).close)
            _prepare(bench, spec, options, say)
            bench.hub.serve_until(lambda: stop.asked is not None)
    with suppress(OSError):  # the terminal may be what went away
        say(f"stopped by {stop.asked}; every box is off its wire")
    return 0


def _prepare(
    bench: VirtualBench, spec: BenchFile, options: ServeOptions, say: Callable[[str], None]
) -> None:
    if options.faults is not None:
        _add_faults(bench, options.faults)
    if options.portmapper is not None:
        _open_portmapper(bench, spec, options.portmapper)
    control = _open_control(bench) if options.control else None
    say(table(spec, bench.addresses))
    say(f"\nconsole log of the controller: {bench.console or 'none'}\n")
    for line in examples(spec, bench.addresses):
        say(line)
    if options.bench_file is not None:
        _write_text(options.bench_file, served_bench(spec, bench.addresses, bench.console))
    if options.json is not None:
        description = _description(spec, options, bench.addresses, bench.console) | {
            "control": control
        }
        _write_text(options.json, json.dumps(description, indent=2))
    say(f"\nserving {len(bench.addresses)} roles of bench {spec.name!r}; Ctrl-C stops")


def _add_faults(bench: VirtualBench, file: Path) -> None:
    document = read_yaml(file)
    for role, faults in document.model(FaultFile).faults.items():
        if role not in bench.faults:
            raise UsageError(
                f"{file}:{document.line(('faults', role))}: faults.{role}: no such role on this"
                f" bench; its roles: {', '.join(bench.faults)}"
            )
        for number, fault in enumerate(faults):
            try:
                bench.faults[role].add(fault)
            except UsageError as error:
                line = document.line(("faults", role, number))
                raise UsageError(f"{file}:{line}: faults.{role}.{number}: {error}") from None


def _open_portmapper(bench: VirtualBench, spec: BenchFile, role: str) -> None:
    found = spec.roles.get(role)
    if found is None or found.link.kind != "visa-vxi11":
        roles = [name for name, each in spec.roles.items() if each.link.kind == "visa-vxi11"]
        raise UsageError(f"--portmapper {role}: expected a VXI-11 role ({', '.join(roles)})")
    core_port = int(bench.addresses[role].split(",")[1].split("::")[0])
    try:
        bench.hub.listen_portmapper(core_port, port=_PORTMAPPER_PORT)
    except UsageError as error:
        raise UsageError(
            f"--portmapper: port {_PORTMAPPER_PORT} cannot be had; leave the option out, or free"
            f" the port and run with the right to bind it ({error})"
        ) from error


def _open_control(bench: VirtualBench) -> str:
    port = bench.hub.listen_tcp(stream_service(ControlDevice(bench)))
    return f"127.0.0.1:{port}"


def _description(
    spec: BenchFile, options: ServeOptions, addresses: Mapping[str, str], console: str
) -> dict[str, Any]:
    roles = {
        role: {
            "model": each.model,
            "kind": each.link.kind,
            "address": addresses[role],
            "unit": each.link.unit,
            "baud_rate": each.link.baud_rate,
        }
        for role, each in spec.roles.items()
    }
    return {
        "bench": spec.name,
        "pid": os.getpid(),
        "seed": options.seed,
        "unit_seed": options.unit_seed,
        "defect": options.defect,
        "console": console,
        "roles": roles,
    }


def _write_text(file: Path, text: str) -> None:
    """Write so that a reader finds either nothing or all of it."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=file.parent, prefix=f".{file.name}.", delete=False, encoding="utf-8"
        ) as temporary:
            temporary.write(text)
        Path(temporary.name).replace(file)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error


class _Stop:
    """Which signal asked for the end, and how to make the server look."""

    def __init__(self) -> None:
        self.asked: str | None = None
        self.wake: Callable[[], None] | None = None

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        self.asked = signal.Signals(number).name
        if self.wake is not None:
            self.wake()


def _nohup(number: int) -> bool:
    """Say whether whoever started the process wants a hang-up to be ignored."""
    hang_up = number == getattr(signal, "SIGHUP", None)
    return hang_up and signal.getsignal(number) is signal.SIG_IGN


@contextmanager
def _stopped_by_signals() -> Iterator[_Stop]:
    stop = _Stop()
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in numbers if not _nohup(number)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
