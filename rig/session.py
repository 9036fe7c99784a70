"""Open a bench from its file: the virtual one is started here, and nowhere else."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from instruments.clock import Clock, WallClock
from instruments.errors import UsageError
from instruments.links.byte_stream import SerialStream
from instruments.links.wire import RealWires, TranscriptSink, Wires
from rig.bench import BenchFile, Roles, bind_roles, check_models
from rig.bench.address_check import address_problems
from rig.bench.guard_steps import guard_links
from rig.bench.limited import check_envelopes, envelope_problems
from rig.bench.lock import BenchLock, hold_bench
from rig.bench.safe_state_check import safe_state_problems
from rig.bench.wiring_check import wiring_problems
from rig.yaml_lines import read_yaml

if TYPE_CHECKING:
    from rig.virtual.bench import VirtualBench

__all__ = ["DEFAULT_BENCH", "OpenBench", "load_bench", "open_bench", "seed_number"]

DEFAULT_BENCH = Path(__file__).parent.parent / "benches" / "virtual.yaml"


@dataclass(frozen=True, slots=True)
class OpenBench:
    """A bench whose roles are bound; nothing is energised."""

    spec: BenchFile
    file: Path
    clock: Clock
    addresses: Mapping[str, str]
    roles: Roles
    virtual: VirtualBench | None
    """The simulation behind a virtual bench."""
    console: SerialStream | None = None
    """The line of the unit's log; opened by who reads it."""
    lock: BenchLock | None = None
    """What holds a real bench; the guardian takes part in it."""


def load_bench(file: Path) -> BenchFile:
    """Read a bench file; ``UsageError`` names file, line, key, value and what was expected."""
    document = read_yaml(file)
    spec = document.model(BenchFile)
    try:
        check_models(spec)
        check_envelopes(spec)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None
    checks = wiring_problems, safe_state_problems, envelope_problems, address_problems
    problems = [problem for check in checks for problem in check(spec)]
    if problems:
        raise UsageError("\n".join(str(document.error(*problem)) for problem in problems))
    if not spec.is_virtual and sys.platform != "win32":
        try:
            guard_links(spec, {role: each.link.address for role, each in spec.roles.items()})
        except UsageError as error:
            raise UsageError(f"{file}: {error}") from None
    return spec


def seed_number(text: str) -> int:
    """Read a seed of the command line."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 up, got {text!r}")
    return int(text)


@contextmanager
def open_bench(
    spec: BenchFile,
    file: Path,
    *,
    seed: int = 0,
    unit_seed: int = 0,
    defect: str | None = None,
    transcript: TranscriptSink | None = None,
) -> Iterator[OpenBench]:
    """Bind every role of a bench; close every link on the way out, leaving outputs as they are.

    A real bench is held meanwhile: ``BenchHeld`` when somebody else does.
    """
    if spec.is_virtual:
        # The simulation is big and needs ptys: real benches (on Windows too) never import it.
        from rig.virtual.bench import VirtualBench

        virtual = VirtualBench(spec, seed=seed, unit_seed=unit_seed, defect=defect)
        try:
            with _bound(
                spec, file, virtual.clock, virtual.wires, virtual.addresses, transcript, virtual
            ) as bench:
                yield bench
        finally:
            virtual.close()
        return
    if defect is not None:
        raise UsageError(f"--defect {defect}: only the virtual bench has seeded defects")
    clock = WallClock()
    addresses = {role: each.link.address for role, each in spec.roles.items()}
    try:
        with (
            hold_bench(spec, addresses) as lock,
            _bound(spec, file, clock, RealWires(clock), addresses, transcript, None) as bench,
        ):
            yield replace(bench, lock=lock)
    finally:
        clock.close()


@contextmanager
def _bound(
    spec: BenchFile,
    file: Path,
    clock: Clock,
    wires: Wires,
    addresses: Mapping[str, str],
    transcript: TranscriptSink | None,
    virtual: VirtualBench | None,
) -> Iterator[OpenBench]:
    roles = bind_roles(spec, addresses, clock, wires, transcript, str(file))
    try:
        console = _console(spec, clock, wires, virtual)
        yield OpenBench(spec, file, clock, addresses, roles, virtual, console)
    except BaseException as error:
        try:
            roles.close()
        except ExceptionGroup as group:  # what ended the block says more than its consequences
            for each in group.exceptions:
                error.add_note(f"and while closing the bench: {each}")
        raise
    roles.close()


def _console(
    spec: BenchFile, clock: Clock, wires: Wires, virtual: VirtualBench | None
) -> SerialStream | None:
    console = spec.unit.console
    if console is None:
        return None
    address = virtual.console if virtual else console.address
    return SerialStream(
        address, name="console", clock=clock, wires=wires, baud_rate=console.baud_rate
    )
